using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Tests.Support;

namespace Vt.Tests.BlockTree;

public sealed class SharedBatchesTests
{
    const int Workers = 2;
    const int Shared = 3;

    static readonly byte[] _content = RandomBytes(400_000);

    [Fact]
    public async Task Writers_have_as_much_under_way_as_their_own_and_the_shared_batches_allow_and_give_those_back()
    {
        var fixture = new TreeFixture();
        var expected = await fixture.WriteAsync(_content);
        await using var gate = new HeldAddsStore(fixture.Store);
        var options = new BlockTreeWriterOptions { BatchBytes = 5000, Workers = Workers, Shared = new SharedBatches(Shared) };

        // The first takes all that are shared, the second goes on with its own.
        var first = WriteAsync(gate, fixture, options);
        await gate.WhenUnderWay(Workers + Shared);
        Assert.False(options.Shared.TryTake());
        var second = WriteAsync(gate, fixture, options);
        await gate.WhenUnderWay((2 * Workers) + Shared);
        Assert.False(first.IsCompleted || second.IsCompleted);
        gate.Open();

        Assert.Equal(expected, await first);
        Assert.Equal(expected, await second);
        Assert.Equal(Shared, CountFree(options.Shared));
        Assert.True(gate.Most <= (2 * Workers) + Shared, $"{gate.Most} were under way");
    }

    [Fact]
    public async Task A_writer_that_fails_gives_shared_batches_back()
    {
        var fixture = new TreeFixture();
        fixture.Store.FailAdds = true;
        await using var gate = new HeldAddsStore(fixture.Store);
        var options = new BlockTreeWriterOptions { BatchBytes = 5000, Workers = Workers, Shared = new SharedBatches(Shared) };

        var writing = WriteAsync(gate, fixture, options);
        await gate.WhenUnderWay(Workers + Shared);
        gate.Open();

        await Assert.ThrowsAsync<StoreFullException>(() => writing);
        Assert.Equal(Shared, CountFree(options.Shared));
    }

    static Task<BlockRef> WriteAsync(IBlockStore store, TreeFixture fixture, BlockTreeWriterOptions options) => Task.Run(async () =>
    {
        await using var writer = new BlockTreeWriter(store, fixture.Rule, options);
        await writer.WriteAsync(_content);
        return await writer.CompleteAsync();
    });

    static int CountFree(SharedBatches shared)
    {
        var count = 0;
        while (shared.TryTake())
            count++;
        return count;
    }

    static byte[] RandomBytes(int length)
    {
        var bytes = new byte[length];
        new Random(20261123).NextBytes(bytes);
        return bytes;
    }
}
