using System.Buffers.Binary;
using FsCheck;
using FsCheck.Fluent;
using Vt.Blocks.Hashing;
using Vt.Stores.DataDir.Index;

namespace Vt.Tests.DataDir.Index;

/// <summary>Names and places that a seed gives.</summary>
static class TestBlocks
{
    /// <summary>Holds a law for many seeds; a failure names its seed.</summary>
    public static void ForSeeds(int count, Action<int> law) =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(count),
            Prop.ForAll(Arb.From(Gen.Choose(int.MinValue + 1, int.MaxValue - 1)), law));

    public static BlockHash Hash(Random random)
    {
        Span<byte> digest = stackalloc byte[32];
        random.NextBytes(digest);
        return new BlockHash(HashAlgorithmId.Blake3, digest);
    }

    /// <summary>A name of which only so many last bits vary: what no hash gives, but somebody may craft in part.</summary>
    public static BlockHash Crafted(Random random, int bits)
    {
        Span<byte> digest = stackalloc byte[32];
        digest.Fill(0xa5);
        BinaryPrimitives.WriteInt64BigEndian(digest[24..], random.NextInt64(1L << Math.Min(bits, 62)));
        return new BlockHash(HashAlgorithmId.Blake3, digest);
    }

    public static BlockLocation Location(Random random, uint pack = 0) =>
        new(
            pack,
            (uint)random.NextInt64(1L << 32),
            (uint)random.Next(1, int.MaxValue),
            (ushort)random.Next(1 << 16),
            (ushort)random.Next(1 << 16));

    public static List<(BlockHash Hash, BlockLocation Location)> Many(Random random, int count, Func<Random, BlockHash>? hash = null)
    {
        // Sorted, since crafted names collide in a dictionary.
        var blocks = new SortedDictionary<BlockHash, BlockLocation>();
        for (var i = 0; i < count; i++)
            blocks[(hash ?? Hash)(random)] = Location(random);
        var list = blocks.Select(pair => (pair.Key, pair.Value)).ToArray();
        random.Shuffle(list);
        return [.. list];
    }

    public static Run ToRun(IEnumerable<(BlockHash Hash, BlockLocation Location)> blocks) =>
        Run.Open(ToBytes(blocks), HashAlgorithmId.Blake3, "test");

    public static byte[] ToBytes(IEnumerable<(BlockHash Hash, BlockLocation Location)> blocks)
    {
        using var builder = new RunBuilder(HashAlgorithmId.Blake3, new PackId(1, 2), 3);
        foreach (var (hash, location) in blocks)
            builder.Add(hash, location);
        return builder.ToArray();
    }

    /// <summary>Looks one block up in a run of one pack.</summary>
    public static BlockLocation? Find(Run run, BlockHash hash)
    {
        Span<int> pending = [0];
        Span<BlockLocation> found = stackalloc BlockLocation[1];
        return run.Find([BlockKey.Of(hash)], pending, [0], found) == 0 ? found[0] : null;
    }
}
