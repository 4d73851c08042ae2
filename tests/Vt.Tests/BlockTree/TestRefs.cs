using Vt.Blocks.BlockTree;
using Vt.Blocks.Hashing;

namespace Vt.Tests.BlockTree;

/// <summary>References of every kind, made from a seed.</summary>
static class TestRefs
{
    public static BlockRef Make(Random random)
    {
        switch (random.Next(5))
        {
            case 0:
                return BlockRef.Direct(Hash(random), Span(random));
            case 1:
                return BlockRef.Indirect(Hash(random), Span(random), 1 + random.Next(BlockRef.DeepestLevel));
            case 2:
                var bytes = new byte[random.Next(BlockRef.LongestLiteral + 1)];
                random.NextBytes(bytes);
                return BlockRef.Literal(bytes);
            case 3:
                return BlockRef.Run((byte)random.Next(256), random.Next(3) == 0 ? 0 : Span(random));
            default:
                var whole = random.Next(2) == 0 ? BlockRef.Direct(Hash(random), Span(random)) : BlockRef.Indirect(Hash(random), Span(random), 3);
                var offset = random.NextInt64(whole.Span);
                return BlockRef.Slice(whole, offset, random.NextInt64(whole.Span - offset + 1));
        }
    }

    public static BlockHash Hash(Random random)
    {
        var digest = new byte[32];
        random.NextBytes(digest);
        return new BlockHash(HashAlgorithms.All[random.Next(3)], digest);
    }

    static long Span(Random random) => random.Next(4) switch
    {
        0 => 1,
        1 => long.MaxValue,
        2 => 1 + random.Next(100_000),
        _ => 1 + random.NextInt64(long.MaxValue),
    };
}
