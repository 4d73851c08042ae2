using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Tests.Support;

/// <summary>A block with its bytes.</summary>
public sealed record TestBlock(BlockHash Hash, byte[] Bytes, BlockContent Content)
{
    public static TestBlock Of(BlockHasher hasher, byte[] bytes, BlockContent content = BlockContent.Data) => new(hasher.Hash(bytes), bytes, content);

    /// <summary>Blocks of all kinds: compressible and not, tiny to some 100 KiB, data and trees.</summary>
    public static TestBlock[] Many(BlockHasher hasher, int seed, int count, int largest = 40_000)
    {
        var random = new Random(seed);
        var blocks = new TestBlock[count];
        for (var i = 0; i < count; i++)
        {
            var bytes = new byte[random.Next(1, largest)];
            if (random.Next(3) == 0)
                random.NextBytes(bytes);
            else
                FillWithWords(bytes, random);
            BitConverter.TryWriteBytes(bytes.AsSpan(), (random.Next() * 31) + i);
            blocks[i] = Of(hasher, bytes, random.Next(4) == 0 ? BlockContent.Tree : BlockContent.Data);
        }

        return blocks;
    }

    /// <summary>The blocks as one batch.</summary>
    public static (byte[] Buffer, BlockSlot[] Slots) Batch(IReadOnlyList<TestBlock> blocks)
    {
        var buffer = new byte[blocks.Sum(block => block.Bytes.Length)];
        var slots = new BlockSlot[blocks.Count];
        var at = 0;
        for (var i = 0; i < slots.Length; i++)
        {
            blocks[i].Bytes.CopyTo(buffer, at);
            slots[i] = new BlockSlot(blocks[i].Hash, at, blocks[i].Bytes.Length, blocks[i].Content);
            at += blocks[i].Bytes.Length;
        }

        return (buffer, slots);
    }

    public static async Task<AddCounts> AddAsync(IBlockStore store, params IReadOnlyList<TestBlock> blocks)
    {
        var (buffer, slots) = Batch(blocks);
        return await store.AddManyAsync(buffer, slots);
    }

    /// <summary>Whether the store gives the block's bytes; false where it says that it has none.</summary>
    public static async Task<bool> IsInAsync(IBlockStore store, TestBlock block)
    {
        using var lease = await store.GetAsync(block.Hash);
        if (lease.IsPresent)
            Assert.True(lease.Span.SequenceEqual(block.Bytes), $"{block.Hash} has other bytes");
        return lease.IsPresent;
    }

    static void FillWithWords(byte[] bytes, Random random)
    {
        var words = "the quick brown fox jumps over the lazy dog and the five boxing wizards "u8;
        for (var at = 0; at < bytes.Length;)
        {
            var start = random.Next(words.Length - 8);
            var word = words.Slice(start, Math.Min(random.Next(1, 8), bytes.Length - at));
            word.CopyTo(bytes.AsSpan(at));
            at += word.Length;
        }
    }
}
