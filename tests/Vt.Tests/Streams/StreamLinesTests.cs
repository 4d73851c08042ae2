using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Hosts.StreamServer;
using Vt.Stores.Memory;
using Vt.Tests.Support;

namespace Vt.Tests.Streams;

/// <summary>Several lines to one server.</summary>
public sealed class StreamLinesTests
{
    static readonly BlockHasher Hasher = HashAlgorithms.GetHasher(HashAlgorithms.Default);

    [Fact]
    public async Task Further_lines_are_made_once_the_first_has_more_than_enough_to_do()
    {
        await using var served = ServedStore.Start(() => new MemoryStore());
        await using var client = await served.OpenAsync(served.ClientOptions with { Lines = 3 });
        for (var seed = 0; seed < 5; seed++)
            await TestBlock.AddAsync(client, TestBlock.Many(Hasher, seed, 3));
        await client.FlushAsync();
        await served.Server.WhenSessionsAsync(static count => count == 1);

        await AddAtOnceAsync(client, 5, 20);
        await served.Server.WhenSessionsAsync(static count => count == 3);
        await AddAtOnceAsync(client, 25, 20);
        await client.FlushAsync();
        for (var seed = 0; seed < 45; seed++)
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

    static Task<AddCounts[]> AddAtOnceAsync(IBlockStore client, int seed, int count) =>
        Task.WhenAll(Enumerable.Range(seed, count).Select(at => TestBlock.AddAsync(client, TestBlock.Many(Hasher, at, 3))));
}
