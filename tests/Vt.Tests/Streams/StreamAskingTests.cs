using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores.Memory;
using Vt.Stores.Streams.Client;
using Vt.Tests.Support;

namespace Vt.Tests.Streams;

public sealed class StreamAskingTests
{
    const int Length = 1 << 20;

    static readonly BlockHasher Hasher = HashAlgorithms.GetHasher(HashAlgorithms.Default);

    [Fact]
    public async Task In_the_midst_of_what_is_new_blocks_are_sent_unasked_until_one_is_known()
    {
        var counting = new CountingStore(new MemoryStore());
        await using var served = ServedStore.Start(() => counting);
        await using var client = await served.OpenAsync(served.ClientOptions with { Asks = AskPolicy.WhereKnown });
        var blocks = MakeBlocks(33);
        for (var i = 0; i < 16; i++)
            await AddAsync(client, blocks[i], isKnown: false);
        Assert.Equal((16, 16), (counting.Questions, counting.Offered));
        for (var i = 16; i < 32; i++)
            await AddAsync(client, blocks[i], isKnown: false);
        Assert.Equal((16, 32), (counting.Questions, counting.Offered));

        // The first that is known is sent in vain, and the others are not.
        for (var i = 0; i < 16; i++)
            await AddAsync(client, blocks[i], isKnown: true);
        Assert.Equal((31, 33), (counting.Questions, counting.Offered));
        await AddAsync(client, blocks[32], isKnown: false);
        Assert.Equal((32, 34), (counting.Questions, counting.Offered));
    }

    [Theory]
    [InlineData(AskPolicy.Never, 0, 40)]
    [InlineData(AskPolicy.Always, 40, 20)]
    public async Task Who_is_told_to_ask_always_or_never_does(AskPolicy policy, int questions, int offered)
    {
        var counting = new CountingStore(new MemoryStore());
        await using var served = ServedStore.Start(() => counting);
        await using var client = await served.OpenAsync(served.ClientOptions with { Asks = policy });
        var blocks = MakeBlocks(20);
        foreach (var isKnown in new[] { false, true })
        {
            foreach (var block in blocks)
                await AddAsync(client, block, isKnown);
        }

        Assert.Equal((questions, offered), (counting.Questions, counting.Offered));
    }

    static TestBlock[] MakeBlocks(int count)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var bytes = new byte[Length];
            random.NextBytes(bytes);
            return TestBlock.Of(Hasher, bytes);
        })];
    }

    static async Task AddAsync(IBlockStore client, TestBlock block, bool isKnown)
    {
        var counts = await TestBlock.AddAsync(client, block);
        Assert.Equal(isKnown ? (0, 1) : (1, 0), (counts.NewBlocks, counts.KnownBlocks));
    }

    sealed class CountingStore(IBlockStore inner) : DelegatingStore(inner)
    {
        public int Questions { get; private set; }

        public int Offered { get; private set; }

        public override ValueTask ContainsManyAsync(ReadOnlyMemory<BlockHash> hashes, Memory<bool> present, CancellationToken cancellationToken = default)
        {
            Questions++;
            return base.ContainsManyAsync(hashes, present, cancellationToken);
        }

        public override ValueTask<AddCounts> AddManyAsync(ReadOnlyMemory<byte> buffer, ReadOnlyMemory<BlockSlot> blocks, CancellationToken cancellationToken = default)
        {
            Offered += blocks.Length;
            return base.AddManyAsync(buffer, blocks, cancellationToken);
        }
    }
}
