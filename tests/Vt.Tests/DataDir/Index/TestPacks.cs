using Vt.Blocks.Hashing;
using Vt.Posix;
using Vt.Stores.DataDir.Index;

namespace Vt.Tests.DataDir.Index;

/// <summary>Packs in a temporary folder: a list of blocks in plain form, then the table of contents.</summary>
sealed class TestPacks : IPackCatalog, IDisposable
{
    const int Plain = 33 + BlockLocation.Size;

    readonly string _root = Directory.CreateTempSubdirectory("vt-index-test-").FullName;

    public TestPacks() => Directory.CreateDirectory(PacksFolder);

    public string IndexFolder => Path.Combine(_root, "index");

    /// <summary>How many scans were asked for.</summary>
    public int Scans { get; private set; }

    string PacksFolder => Path.Combine(_root, "packs");

    public IReadOnlyList<PackId> List() => [.. Directory.EnumerateFiles(PacksFolder, "*.vtd").Select(IdOf)];

    public RunPlace? Locate(PackId pack)
    {
        using var file = PosixFile.Open(PathOf(pack), OpenFlags.O_RDONLY);
        return Run.FindAtEnd(file, PathOf(pack), PosixFile.Fstat(file).Size);
    }

    public void Scan(PackId pack, RunBuilder into, CancellationToken cancellationToken)
    {
        Scans++;
        var bytes = File.ReadAllBytes(PathOf(pack));
        var count = BitConverter.ToInt32(bytes);
        for (var i = 0; i < count; i++)
        {
            var record = bytes.AsSpan(64 + (i * Plain), Plain);
            into.Add(new BlockHash((HashAlgorithmId)record[0], record[1..33]), BlockLocation.Read(record[33..]));
        }
    }

    /// <summary>Writes a closed pack.</summary>
    public PackId Add(IReadOnlyList<(BlockHash Hash, BlockLocation Location)> blocks, ulong sequence = 1)
    {
        var pack = PackId.Create();
        using var builder = new RunBuilder(HashAlgorithmId.Blake3, pack, sequence);
        var plain = new byte[(64 + (blocks.Count * Plain) + 63) / 64 * 64];
        BitConverter.TryWriteBytes(plain, blocks.Count);
        for (var i = 0; i < blocks.Count; i++)
        {
            var record = plain.AsSpan(64 + (i * Plain), Plain);
            record[0] = (byte)blocks[i].Hash.Algorithm;
            blocks[i].Hash.Digest.CopyTo(record[1..]);
            blocks[i].Location.Write(record[33..]);
            builder.Add(blocks[i].Hash, blocks[i].Location);
        }

        using var file = PosixFile.Open(PathOf(pack) + ".new", OpenFlags.O_RDWR | OpenFlags.O_CREAT | OpenFlags.O_EXCL, 0x1a4);
        PosixFile.PwriteFully(file, plain, 0);
        builder.Write(file, plain.Length);
        File.Move(PathOf(pack) + ".new", PathOf(pack));
        return pack;
    }

    public void Remove(PackId pack) => File.Delete(PathOf(pack));

    /// <summary>Flips a bit of the pack's table of contents.</summary>
    public void DamageContents(PackId pack, Random random)
    {
        var place = Locate(pack)!.Value;
        Flip(place.Path, place.Offset + random.NextInt64(place.Length), random);
    }

    public string[] MergedRuns() =>
        Directory.Exists(IndexFolder) ? Directory.GetFiles(IndexFolder, "*.run") : [];

    public static void Flip(string path, long offset, Random random)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        Span<byte> one = stackalloc byte[1];
        RandomAccess.Read(file, one, offset);
        one[0] ^= (byte)(1 << random.Next(8));
        RandomAccess.Write(file, one, offset);
    }

    public BlockIndex Open() => BlockIndex.Open(IndexFolder, HashAlgorithmId.Blake3, this);

    public void Dispose() => Directory.Delete(_root, recursive: true);

    string PathOf(PackId pack) => Path.Combine(PacksFolder, $"{pack}.vtd");

    static PackId IdOf(string path) =>
        PackId.TryParse(Path.GetFileNameWithoutExtension(path), out var pack) ? pack : throw new InvalidOperationException(path);
}
