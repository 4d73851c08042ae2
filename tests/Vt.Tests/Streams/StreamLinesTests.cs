using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Hosts.StreamServer;
using Vt.Stores.Memory;
using Vt.Stores.Streams;
using Vt.Stores.Streams.Transport;
using Vt.Tests.Support;

namespace Vt.Tests.Streams;

/// <summary>Several lines to one server.</summary>
public sealed class StreamLinesTests
{
    static readonly BlockHasher Hasher = HashAlgorithms.GetHasher(HashAlgorithms.Default);

    [Fact]
    public async Task Further_lines_are_made_once_the_first_has_more_than_enough_to_do()
    {
        var held = new HeldAddsStore(new MemoryStore());
        await using var served = ServedStore.Start(() => held);
        await using var client = await served.OpenAsync(served.ClientOptions with { Lines = 3 });
        for (var seed = 0; seed < 5; seed++)
            Assert.False(await TestBlock.IsInAsync(client, TestBlock.Many(Hasher, seed, 1)[0]));
        await client.FlushAsync();
        await served.Server.WhenSessionsAsync(static count => count == 1);

        var adding = AddAtOnceAsync(client, 0, 20);
        await served.Server.WhenSessionsAsync(static count => count == 3);
        held.Open();
        await adding;
        await AddAtOnceAsync(client, 20, 20);
        await client.FlushAsync();
        for (var seed = 0; seed < 40; seed++)
        {
            foreach (var block in TestBlock.Many(Hasher, seed, 3))
                Assert.True(await TestBlock.IsInAsync(client, block));
        }
    }

    [Fact]
    public async Task A_further_line_that_cannot_be_made_costs_nothing_but_itself()
    {
        await using var served = ServedStore.Start(() => new MemoryStore(), options: new StoreServerOptions { MostConnections = 1 });
        await using var client = await served.OpenAsync(served.ClientOptions with { Lines = 3 });
        for (var round = 0; round < 3; round++)
            await AddAtOnceAsync(client, round * 20, 20);
        await client.FlushAsync();
        foreach (var block in TestBlock.Many(Hasher, 59, 3))
            Assert.True(await TestBlock.IsInAsync(client, block));
    }

    [Fact]
    public async Task What_comes_while_a_further_line_is_made_is_not_all_given_to_the_first()
    {
        const int Adds = 20;
        var gated = new HeldAddsStore(new MemoryStore());
        await using var served = ServedStore.Start(() => gated);
        await using var first = new LineProxy(served.SocketPath);
        await using var second = new LineProxy(served.SocketPath);
        var connector = new LateConnector(first.Path, second.Path);
        await using var client = await StreamStore.OpenAsync(connector, served.ClientOptions with { Lines = 2 });
        var adding = AddAtOnceAsync(client, 0, Adds);
        await gated.WhenUnderWay(4);
        connector.MayGo.SetResult();
        await gated.WhenUnderWay(Adds);
        gated.Open();
        await adding;

        // Each was given half, or nearly so: the first had some when the second came.
        Assert.InRange(second.Passed, first.Passed / 2, first.Passed * 2);
    }

    [Fact]
    public async Task Who_gives_up_waiting_for_a_further_line_leaves_the_others_to_it()
    {
        var gated = new HeldAddsStore(new MemoryStore());
        await using var served = ServedStore.Start(() => gated);
        var connector = new LateConnector(served.SocketPath, served.SocketPath);
        await using var client = await StreamStore.OpenAsync(connector, served.ClientOptions with { Lines = 2 });
        using var impatience = new CancellationTokenSource();
        var adding = AddAtOnceAsync(client, 0, 10);
        var givingUp = Enumerable.Range(10, 10).Select(at => AddAsync(client, TestBlock.Many(Hasher, at, 1)[0], impatience.Token)).ToArray();
        await gated.WhenUnderWay(4);
        await impatience.CancelAsync();
        foreach (var given in givingUp)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        gated.Open();
        await adding;
        Assert.Equal(1, served.Server.Sessions);
        connector.MayGo.SetResult();
        await served.Server.WhenSessionsAsync(static count => count == 2);
        await AddAtOnceAsync(client, 10, 10);
    }

    static Task<AddCounts[]> AddAtOnceAsync(StreamStore client, int seed, int count) =>
        Task.WhenAll(Enumerable.Range(seed, count).Select(at => TestBlock.AddAsync(client, TestBlock.Many(Hasher, at, 3))));

    static async Task AddAsync(StreamStore client, TestBlock block, CancellationToken cancellationToken) =>
        await client.AddManyAsync(block.Bytes, new[] { new BlockSlot(block.Hash, 0, block.Bytes.Length) }, cancellationToken);

    // The first line at once, the others when they may.
    sealed class LateConnector(string first, string others) : ILineConnector
    {
        int _made;

        public TaskCompletionSource MayGo { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Description => first;

        public async ValueTask<StreamLine> ConnectAsync(CancellationToken cancellationToken)
        {
            var isFirst = Interlocked.Increment(ref _made) == 1;
            if (!isFirst)
                await MayGo.Task.WaitAsync(cancellationToken);
            return await new UnixConnector(isFirst ? first : others).ConnectAsync(cancellationToken);
        }
    }
}
