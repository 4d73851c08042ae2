using System.Formats.Tar;
using System.Text;
using Vt.Blocks.BlockTree;
using Vt.Blocks.Chunking;
using Vt.Blocks.Contracts;
using Vt.Stores.Memory;
using Vt.Tests.Support;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Import;
using Vt.Trees.Meta;
using Vt.Trees.Tar;

namespace Vt.Tests.Trees.Tar;

public sealed class TarArchiveTests : IDisposable
{
    static readonly Timestamp Time = new(1_000_000_007, 123_456_789);

    readonly TempFolder _temporary = new(inMemory: true);
    readonly MemoryStore _store = new();
    readonly TreeBatch _batch;

    public TarArchiveTests() => _batch = new TreeBatch(_store);

    public void Dispose()
    {
        _batch.Dispose();
        _temporary.Dispose();
    }

    [Fact]
    public async Task A_reader_finds_what_the_tree_has()
    {
        var uuid = Guid.NewGuid();
        var inode = new Dirent { Kind = DirentKind.File, Uuid = uuid, Content = BlockRef.Literal("one"u8), Metadata = Meta(0x1a4) };
        var table = await DirectoryBuilder.BuildAsync(_batch, [inode], DirectoryOrder.Uuids);
        var content = await ContentAsync(Random(1, 300_000));
        var named = new string('n', 250);
        var root = await DirectoryAsync(
            "",
            await DirectoryAsync("a", Indirect("first", uuid), File("x", BlockRef.Literal("x"u8))),
            Indirect("again", uuid),
            new Dirent { Kind = DirentKind.CharacterDevice, Name = "null"u8.ToArray(), Metadata = Meta(0x1b6) with { Device = new DeviceId(1, 3) } },
            new Dirent { Kind = DirentKind.Fifo, Name = "pipe"u8.ToArray(), Metadata = Meta(0x1a4) },
            new Dirent { Kind = DirentKind.Socket, Name = "socket"u8.ToArray(), Metadata = Meta(0x1a4) },
            new Dirent { Kind = DirentKind.Symlink, Name = "to"u8.ToArray(), Content = BlockRef.Literal("a/x"u8), Metadata = Meta(0x1ff) },
            new Dirent { Kind = DirentKind.Whiteout, Name = "gone"u8.ToArray(), Metadata = Meta(0) },
            File(named, content));
        var bytes = await ReadAsync(await ArchiveAsync(root with { Inodes = table.Content }));

        var found = new List<string>();
        using var reader = new TarReader(new MemoryStream(bytes));
        while (await reader.GetNextEntryAsync(copyData: true) is { } entry)
        {
            found.Add($"{(char)entry.EntryType} {entry.Name}{(entry.LinkName.Length > 0 ? " -> " + entry.LinkName : "")}");
            Assert.Equal((2_000_000_000L, 7), (((PaxTarEntry)entry).ExtendedAttributes.TryGetValue("uid", out var uid) ? long.Parse(uid) : entry.Uid, entry.Gid));
            Assert.Equal(1_000_000_007, entry.ModificationTime.ToUnixTimeSeconds());
            if (entry.Name == named)
                Assert.Equal(await ContentOfAsync(content), ((MemoryStream)entry.DataStream!).ToArray());
        }

        Assert.Equal(
            ["5 ./", "5 a/", "0 a/first", "0 a/x", "1 again -> a/first", $"0 {named}", "3 null", "6 pipe", "2 to -> a/x"],
            found);
    }

    [Fact]
    public async Task Any_part_is_what_the_whole_has_there()
    {
        var source = _temporary.Make("source");
        new TreeGenerator(3, 0.2).Make(source);
        var root = (await new Importer(_store).ImportAsync(Encoding.UTF8.GetBytes(source), null, default, new ImportOptions())).Root;
        var archive = await ArchiveAsync(root);
        var whole = await ReadAsync(archive);
        Assert.Equal(archive.Length, whole.Length);
        Assert.Equal(0, whole.Length % 512);
        Samples.ForAll(random => (Offset: random.NextInt64(whole.Length + 10), Length: random.Next(random.Next(2) == 0 ? 2000 : 200_000)), range =>
        {
            var part = new byte[range.Length];
            var read = archive.ReadAsync(range.Offset, part).AsTask().GetAwaiter().GetResult();
            Assert.Equal((int)Math.Min(range.Length, Math.Max(0, whole.Length - range.Offset)), read);
            Assert.True(whole.AsSpan((int)Math.Min(range.Offset, whole.Length), read).SequenceEqual(part.AsSpan(0, read)));
        });
    }

    [Fact]
    public async Task Readers_at_once_all_get_what_is_there()
    {
        var source = _temporary.Make("source");
        new TreeGenerator(4, 0.1).Make(source);
        var root = (await new Importer(_store).ImportAsync(Encoding.UTF8.GetBytes(source), null, default, new ImportOptions())).Root;
        var whole = await ReadAsync(await ArchiveAsync(root));
        var archive = await ArchiveAsync(root);
        await Parallel.ForEachAsync(Enumerable.Range(0, 200), async (seed, cancellation) =>
        {
            var random = new Random(seed);
            var part = new byte[random.Next(1, 100_000)];
            var offset = random.Next(whole.Length);
            var read = await archive.ReadAsync(offset, part, cancellation);
            Assert.True(whole.AsSpan(offset, read).SequenceEqual(part.AsSpan(0, read)));
        });
    }

    [Fact]
    public async Task Holes_take_no_room()
    {
        await using var writer = new BlockTreeWriter(_store, new Chunker(_store.Chunking));
        await writer.WriteRunAsync(0, 1L << 39);
        await writer.WriteAsync(Random(2, 100_000));
        await writer.WriteRunAsync(0, 1L << 39);
        var content = await writer.CompleteAsync();
        var sparse = File("sparse", content);
        var root = await DirectoryAsync("", sparse with { Metadata = sparse.Metadata with { HoleSpan = 1ul << 40 } }, File("all", BlockRef.Run(0, 1L << 40)));
        var archive = await ArchiveAsync(root);
        Assert.InRange(archive.Length, 100_000, 120_000);
        var text = Encoding.Latin1.GetString(await ReadAsync(archive));
        Assert.Contains($"GNU.sparse.realsize={(1L << 40) + 100_000}\n", text, StringComparison.Ordinal);
        Assert.Contains($"2\n{1L << 39}\n100352\n{(1L << 40) + 100_000}\n0\n\0", text, StringComparison.Ordinal);
        Assert.Contains($"1\n{1L << 40}\n0\n\0", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_map_of_very_many_holes_is_bounded_and_leads_to_the_data()
    {
        await using var writer = new BlockTreeWriter(_store, new Chunker(_store.Chunking));
        var random = new Random(5);
        for (var i = 0; i < 40_000; i++)
        {
            await writer.WriteAsync(new byte[] { 1, (byte)i, (byte)(i >> 8), 9 });
            await writer.WriteRunAsync(0, i % 2 == 0 ? 5000 : 20_000);
        }

        var content = await writer.CompleteAsync();
        var map = await SparseMap.LoadAsync(new BlockTreeReader(_store, content), CancellationToken.None);
        Assert.InRange(map.Text.Length, 100_000, 1 << 20);
        var whole = await ContentOfAsync(content);
        var restored = new byte[whole.Length];
        for (long at = 0; at < map.DataLength;)
        {
            var (offset, length) = map.Find(at);
            whole.AsSpan((int)offset, (int)length).CopyTo(restored.AsSpan((int)offset));
            at += length;
        }

        Assert.True(whole.AsSpan().SequenceEqual(restored));
        Assert.True(map.DataLength < whole.Length / 2);
    }

    [Fact]
    public async Task A_folder_of_200_000_entries_is_measured_exactly_and_few_places_of_it_are_kept()
    {
        const int entries = 200_000;
        using var builder = new DirectoryBuilder(_batch);
        for (var i = 0; i < entries; i++)
            await builder.AddAsync(File($"entry-{i:000000}", BlockRef.Literal("content"u8)));
        var made = await builder.CompleteAsync();
        var root = new Dirent { Kind = DirentKind.Directory, Content = made.Content, Metadata = Meta(0x1ed) };
        await _batch.DrainAsync();
        var directories = new DirectoryReader(_store, new DirectoryNodeCache(1 << 20));
        var archive = await TarArchive.CreateAsync(directories, root);
        var part = new byte[1 << 20];
        await archive.ReadAsync(archive.Length / 2, part);

        // Each has an extended header for its time and owner: two blocks, its own, and one of content.
        Assert.Equal((entries * 2048L) + 1536 + 1024, archive.Length);
        Assert.Equal(entries + 1, archive.Members);

        // What is kept besides the cache of nodes; the memory of the process is other tests' as well.
        Assert.InRange(archive.Cursors, 700, 800);
    }

    [Fact]
    public void The_index_gets_coarser_as_members_become_many()
    {
        var index = new TarIndex();
        for (long i = 0; i < 20_000_000; i++)
            index.Note(new TarCursor(i * 1000, i, null, 0));
        Assert.InRange(index.Count, 4000, 16384);
        foreach (var offset in new[] { 0L, 999, 1_000_000, 19_999_999_999 })
        {
            var cursor = index.Before(offset);
            Assert.InRange(offset - cursor.Offset, 0, 5_000_000);
        }
    }

    [Fact]
    public async Task Attributes_and_lists_become_records()
    {
        byte[] list = [2, 0, 0, 0, 1, 0, 7, 0, 255, 255, 255, 255, 2, 0, 4, 0, 232, 3, 0, 0, 4, 0, 5, 0, 255, 255, 255, 255, 16, 0, 7, 0, 255, 255, 255, 255, 32, 0, 0, 0, 255, 255, 255, 255];
        var xattrs = XattrSet.Create(
        [
            new Xattr("user.a=b%"u8.ToArray(), new byte[] { 0, 10, 255 }),
            new Xattr("system.posix_acl_access"u8.ToArray(), list),
            new Xattr("user.large"u8.ToArray(), Random(9, 4000)),
        ]);
        var stored = await StoredXattrs.MoveOutAsync(xattrs, _batch);
        Assert.True(stored.IsStored);
        var file = File("f", BlockRef.Empty);
        var text = Encoding.Latin1.GetString(await ReadAsync(await ArchiveAsync(await DirectoryAsync("", file with { Metadata = file.Metadata with { Xattrs = stored } }))));
        Assert.Contains("SCHILY.acl.access=user::rwx,user:1000:r--,group::r-x,mask::rwx,other::---\n", text, StringComparison.Ordinal);
        Assert.Contains("34 SCHILY.xattr.user.a%3Db%25=\0\n\u00ff\n", text, StringComparison.Ordinal);
        Assert.Contains("SCHILY.xattr.user.large=", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1, 500_000_000, "-0.5")]
    [InlineData(-2, 0, "-2")]
    [InlineData(-2, 999_999_999, "-1.000000001")]
    [InlineData(5, 1, "5.000000001")]
    [InlineData(long.MinValue, 0, "-9223372036854775808")]
    public void Times_are_written_as_decimals(long seconds, uint nanoseconds, string expected)
    {
        using var writer = new Vt.Blocks.Encoding.ByteWriter();
        new PaxRecords(writer).Add("mtime"u8, new Timestamp(seconds, nanoseconds));
        Assert.EndsWith($" mtime={expected}\n", Encoding.ASCII.GetString(writer.Written), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(90)]
    [InlineData(91)]
    [InlineData(92)]
    [InlineData(990)]
    [InlineData(991)]
    [InlineData(9986)]
    public void A_record_says_its_own_length(int value)
    {
        using var writer = new Vt.Blocks.Encoding.ByteWriter();
        new PaxRecords(writer).Add("path"u8, new byte[value]);
        var text = Encoding.ASCII.GetString(writer.Written);
        Assert.Equal(text.Length, int.Parse(text[..text.IndexOf(' ', StringComparison.Ordinal)]));
    }

    [Fact]
    public async Task What_is_missing_is_an_error()
    {
        var content = await ContentAsync(Random(3, 200_000));
        var root = await DirectoryAsync("", File("whole", content));
        await _batch.DrainAsync();
        var partial = new MemoryStore();
        using (var lease = await _store.GetAsync(root.Content.Hash))
            await partial.AddManyAsync(lease.Memory, new[] { new BlockSlot(root.Content.Hash, 0, lease.Memory.Length, BlockContent.Tree) });
        var archive = await TarArchive.CreateAsync(new DirectoryReader(partial, new DirectoryNodeCache()), root);
        await Assert.ThrowsAsync<BlockMissingException>(async () => await ReadAsync(archive));
        await Assert.ThrowsAsync<BlockMissingException>(async () => await TarArchive.CreateAsync(new DirectoryReader(new MemoryStore(), new DirectoryNodeCache()), root));
    }

    static Metadata Meta(uint mode) => new() { Mode = mode, Uid = 2_000_000_000, Gid = 7, ModificationTime = Time };

    static Dirent File(string name, BlockRef content) =>
        new() { Kind = DirentKind.File, Name = Encoding.UTF8.GetBytes(name), Content = content, Metadata = Meta(0x1a4) };

    static Dirent Indirect(string name, Guid uuid) => new() { Kind = DirentKind.Indirect, Name = Encoding.UTF8.GetBytes(name), Uuid = uuid };

    static byte[] Random(int seed, int length)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    async Task<Dirent> DirectoryAsync(string name, params Dirent[] entries)
    {
        var made = await DirectoryBuilder.BuildAsync(_batch, entries);
        return new Dirent { Kind = DirentKind.Directory, Name = Encoding.UTF8.GetBytes(name), Content = made.Content, Metadata = Meta(0x1ed) };
    }

    async Task<BlockRef> ContentAsync(byte[] bytes)
    {
        await using var writer = new BlockTreeWriter(_store, new Chunker(_store.Chunking));
        await writer.WriteAsync(bytes);
        return await writer.CompleteAsync();
    }

    async Task<byte[]> ContentOfAsync(BlockRef content)
    {
        var bytes = new byte[content.Span];
        await new BlockTreeReader(_store, content).ReadAsync(0, bytes);
        return bytes;
    }

    async Task<TarArchive> ArchiveAsync(Dirent root)
    {
        await _batch.DrainAsync();
        return await TarArchive.CreateAsync(new DirectoryReader(_store, new DirectoryNodeCache()), root);
    }

    static async Task<byte[]> ReadAsync(TarArchive archive)
    {
        var all = new MemoryStream();
        var piece = new byte[77_777];
        for (long at = 0; at < archive.Length;)
        {
            var read = await archive.ReadAsync(at, piece);
            all.Write(piece, 0, read);
            at += read;
        }

        return all.ToArray();
    }
}
