using System.Globalization;
using Vt.Blocks.Hashing;
using Vt.Posix;
using Vt.Stores.DataDir.Index;

namespace Vt.Benchmarks.Index;

/// <summary>Packs that are nothing but their tables of contents, so that the index alone is measured.</summary>
sealed class BenchmarkPacks(string folder) : IPackCatalog
{
    readonly Dictionary<PackId, long> _lengths = [];

    public IReadOnlyList<PackId> List() => [.. _lengths.Keys];

    public RunPlace? Locate(PackId pack) => _lengths.TryGetValue(pack, out var length) ? new RunPlace(PathOf(pack), 0, length) : null;

    public void Scan(PackId pack, RunBuilder into, CancellationToken cancellationToken) =>
        throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"pack {pack} needed a scan"));

    /// <summary>Writes a pack and makes it durable.</summary>
    public void Write(PackId pack, RunBuilder blocks)
    {
        using var file = PosixFile.Open(PathOf(pack), OpenFlags.O_RDWR | OpenFlags.O_CREAT | OpenFlags.O_EXCL, 0x1a4);
        _lengths[pack] = blocks.Write(file, 0);
        PosixFile.Fsync(file);
        PosixFile.SyncDirectory(folder);
    }

    /// <summary>A name that number <paramref name="number"/> of a series gives, as uniform as a digest is.</summary>
    public static BlockHash HashOf(long number, ulong series)
    {
        Span<byte> digest = stackalloc byte[BlockKey.Size];
        new BlockKey(Mix(number, series), Mix(number, series + 1), Mix(number, series + 2), Mix(number, series + 3)).Write(digest);
        return new BlockHash(HashAlgorithmId.Blake3, digest);
    }

    string PathOf(PackId pack) => Path.Combine(folder, $"{pack}.vtd");

    /// <summary>SplitMix64's output function (Steele, Lea and Flood, 2014).</summary>
    static ulong Mix(long number, ulong series)
    {
        var z = (((ulong)number * 8) + series + 1) * 0x9e3779b97f4a7c15;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
}
