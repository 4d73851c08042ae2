using System.IO.Compression;
using System.Text;
using Vt.Blocks.Chunking;
using Vt.Blocks.Chunking.Scanners;

namespace Vt.Tests.Chunking;

public sealed class ScannerTests
{
    static readonly ChunkingParameters Small = ChunkingParameters.ForAverage(2048);

    static byte[] Bytes(string text) => System.Text.Encoding.ASCII.GetBytes(text);

    static byte[] Noise(int seed, int length)
    {
        var data = new byte[length];
        new Random(seed).NextBytes(data);
        return data;
    }

    static HashSet<int> Cuts(Chunker chunker, byte[] data)
    {
        var chunks = new Chunk[(data.Length / 64) + 1];
        return [.. chunks.Take(chunker.CutAll(data, chunks)).Select(chunk => chunk.Offset + chunk.Length)];
    }

    static Scanner Named(string name) => ScannerChoice.All.Single(scanner => scanner.Name == name);

    /// <summary>Puts members one after the other and says how many of their starts are cuts.</summary>
    static void AssertEdges(string scanner, IReadOnlyList<byte[]> members, double share)
    {
        byte[] content = [.. members.SelectMany(member => member)];
        var cuts = Cuts(new Chunker(ChunkingParameters.ForAverage(16_384), Named(scanner)), content);
        var at = 0;
        var met = 0;
        foreach (var member in members.SkipLast(1))
            met += cuts.Contains(at += member.Length) ? 1 : 0;
        Assert.True(met >= (members.Count - 1) * share, $"{met} of {members.Count - 1} edges of {scanner} are cuts");
    }

    static byte[] TarMember(int seed)
    {
        using var stream = new MemoryStream();
        using (var tar = new System.Formats.Tar.TarWriter(stream, System.Formats.Tar.TarEntryFormat.Ustar, leaveOpen: true))
        {
            var entry = new System.Formats.Tar.UstarTarEntry(System.Formats.Tar.TarEntryType.RegularFile, $"file{seed}")
            {
                DataStream = new MemoryStream(Noise(seed, 12_000)),
            };
            tar.WriteEntry(entry);
        }

        return stream.ToArray()[..^1024];
    }

    [Fact]
    public void Members_of_a_tar_are_edges() => AssertEdges("tar", [.. Enumerable.Range(1, 30).Select(TarMember)], 0.5);

    [Fact]
    public void Members_of_a_gzip_file_are_edges()
    {
        var members = Enumerable.Range(1, 30).Select(seed =>
        {
            using var stream = new MemoryStream();
            using (var gzip = new GZipStream(stream, CompressionLevel.Fastest))
                gzip.Write(Noise(seed, 12_000));
            return stream.ToArray();
        });
        AssertEdges("gzip", [.. members], 0.5);
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    public void Messages_of_a_mailbox_are_edges(string end)
    {
        var members = Enumerable.Range(1, 30).Select(seed => Bytes(
            $"From a@b Sat Nov 21 07:00:{seed:00} 2026{end}Subject: {seed}{end}{end}"
            + Convert.ToBase64String(Noise(seed, 9000), Base64FormattingOptions.None) + end + end));
        AssertEdges("mbox", [.. members], 0.5);
    }

    [Fact]
    public void Members_of_a_zip_are_edges()
    {
        var members = Enumerable.Range(1, 30).Select(seed =>
        {
            using var stream = new MemoryStream();
            using (var zip = new ZipArchive(stream, ZipArchiveMode.Create))
            using (var entry = zip.CreateEntry("name").Open())
                entry.Write(Noise(seed, 12_000));
            return stream.ToArray();
        });
        AssertEdges("zip", [.. members], 0.5);
    }

    [Fact]
    public void Frames_of_our_packs_boxes_and_clusters_are_edges()
    {
        byte[] Member(byte[] start, int seed) => [.. start, .. Noise(seed, 12_000)];
        var seeds = Enumerable.Range(1, 30).ToArray();
        AssertEdges("vtd", [.. seeds.Select(seed => Member([0xf5, .. "VTFRM"u8, 13, 10], seed))], 0.5);
        AssertEdges("mp4", [.. seeds.Select(seed => Member([0, 0, 46, 200, .. "moof"u8], seed))], 0.5);
        AssertEdges("mkv", [.. seeds.Select(seed => Member([0x1f, 0x43, 0xb6, 0x75, 0x01, 0, 0, 0, 0, 0, 46, 0], seed))], 0.5);
    }

    [Fact]
    public void Some_definitions_in_source_text_are_edges()
    {
        var text = new StringBuilder();
        for (var i = 0; i < 2000; i++)
            text.Append("def function_").Append(i).Append("(x):\n    return ").Append(Convert.ToHexString(Noise(i, 100))).Append("\n\n");
        var content = Bytes(text.ToString());
        var cuts = Cuts(new Chunker(Small, Named("source")), content);
        Assert.InRange(cuts.Count(cut => cut < content.Length && content.AsSpan(cut).StartsWith("def "u8)), 60, 1000);
    }

    [Theory]
    [InlineData("a.tar", "", "", "tar")]
    [InlineData("A.TAR", "", "", "tar")]
    [InlineData(".a.zip.Xy12_z", "", "", "zip")]
    [InlineData(".a.zip", "", "", "zip")]
    [InlineData("a.unknown", "", "%PDF-1.4", "pdf")]
    [InlineData("a.zip", "audio/mpeg; x=y", "", "mp3")]
    [InlineData("Makefile", "", "#!/usr/bin/make", "source")]
    [InlineData("pack.vtd", "", "", "vtd")]
    [InlineData("", "", "", null)]
    [InlineData("noextension", "text/plain", "hello", null)]
    public void A_scanner_is_chosen_by_type_then_name_then_first_bytes(string name, string type, string head, string? expected) =>
        Assert.Equal(expected, ScannerChoice.Choose(Bytes(name), Bytes(type), Bytes(head))?.Name);

    sealed class BadScanner(int offset, Func<int, bool> isEdge, byte[][]? needles) : Scanner
    {
        public override string Name => "bad";

        public override IReadOnlyList<byte[]> Needles => needles ?? throw new InvalidOperationException("no needles");

        public override int NeedleOffset => offset;

        public override bool IsEdge(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after) => isEdge(after.Length);
    }

    [Fact]
    public void A_scanner_that_throws_or_lies_costs_alignment_only()
    {
        var data = Noise(1, 200_000);
        var plain = Cuts(new Chunker(Small), data);
        byte[][] dense = [[0], [1]];
        var bad = new Scanner[]
        {
            new BadScanner(0, _ => throw new InvalidOperationException("bad"), dense),
            new BadScanner(0, _ => false, dense),
            new BadScanner(0, _ => true, null),
            new BadScanner(0, _ => true, []),
            new BadScanner(0, _ => true, [[]]),
            new BadScanner(int.MaxValue, _ => true, dense),
            new BadScanner(int.MinValue, _ => true, dense),
        };
        foreach (var scanner in bad)
            Assert.Equal(plain, Cuts(new Chunker(Small, scanner), data));

        foreach (var offset in new[] { 0, -1000, 1000, 4000 })
        {
            var last = 0;
            foreach (var cut in Cuts(new Chunker(Small, new BadScanner(offset, _ => true, dense)), data).Order())
            {
                Assert.True(cut == data.Length || cut - last >= Small.Minimum);
                Assert.True(cut - last <= Small.Maximum);
                last = cut;
            }
        }
    }

    [Fact]
    public void Scanners_survive_any_bytes()
    {
        var random = new Random(23);
        foreach (var scanner in ScannerChoice.All)
        {
            var data = Noise(2, 200_000);
            for (var i = 0; i < 2000; i++)
            {
                var needle = scanner.Needles[random.Next(scanner.Needles.Count)];
                needle.CopyTo(data, random.Next(data.Length - needle.Length));
            }

            for (var i = 0; i < 200; i++)
            {
                var needle = scanner.Needles[random.Next(scanner.Needles.Count)];
                byte[] after = [.. needle, .. Noise(i, random.Next(300))];
                scanner.IsEdge(data.AsSpan(0, random.Next(50)), after.AsSpan(0, random.Next(after.Length + 1)));
            }

            Assert.Contains(data.Length, Cuts(new Chunker(Small, scanner), data));
        }
    }
}
