using Vt.Blocks.Contracts;
using Vt.Stores.Faults;
using Vt.Stores.Proxy;
using Vt.SystemTests.Commands;
using Vt.Tests.Support;

namespace Vt.SystemTests.Http;

/// <summary>An exported store behind nginx, and everything that may go wrong on the way: right data or an error, never other data, never absence.</summary>
public sealed class NginxFaultTests(NginxExport export) : IClassFixture<NginxExport>
{
    [Theory]
    [InlineData(FaultKind.Delay)]
    [InlineData(FaultKind.Error)]
    [InlineData(FaultKind.TruncatedRead)]
    [InlineData(FaultKind.BitFlip)]
    [InlineData(FaultKind.DuplicateAdd)]
    [InlineData(FaultKind.DiskFull)]
    [InlineData(FaultKind.StaleList)]
    [InlineData(FaultKind.FlushFailure)]
    public async Task Of_a_faulty_way_a_chain_gives_right_data_or_an_error(FaultKind kind)
    {
        foreach (var rule in (FaultRule[])[new(kind), new(kind, 2, long.MaxValue, 3), new(kind, 1, 4)])
        {
            await using var faulty = new FaultyStore(await export.OpenAsync(), [rule with { Delay = TimeSpan.FromMilliseconds(1) }]);
            await using var proxy = new ProxyStore(new ProxyRoles { Save = [faulty], Read = [faulty] }, new ProxyOptions());
            await CheckAsync(proxy, mayFail: true);
        }
    }

    [Theory]
    [InlineData(FaultKind.Delay)]
    [InlineData(FaultKind.Error)]
    [InlineData(FaultKind.TruncatedRead)]
    [InlineData(FaultKind.BitFlip)]
    public async Task A_sound_way_makes_good_what_a_faulty_one_does(FaultKind kind)
    {
        await using var faulty = new FaultyStore(await export.OpenAsync(), [new FaultRule(kind, 1, long.MaxValue, 2) { Delay = TimeSpan.FromMilliseconds(1) }]);
        await using var sound = await export.OpenAsync();
        await using var proxy = new ProxyStore(new ProxyRoles { Save = [sound], Read = [faulty], ReadElse = [sound] }, new ProxyOptions());
        await CheckAsync(proxy, mayFail: false);
    }

    [Fact]
    public async Task A_file_that_was_changed_cut_or_closed_is_an_error_and_the_rest_is_read()
    {
        await using var store = await export.OpenAsync();
        var block = ReadingContract.Blocks.Skip(1).First(static block => block.Bytes.Length > 1000);
        var file = export.FileOf(block.Hash);
        Shell.Succeed($"chmod 604 '{file}'");
        try
        {
            var changed = (byte[])block.Bytes.Clone();
            changed[500] ^= 1;
            foreach (var content in (byte[][])[changed, block.Bytes[..500], [.. block.Bytes, 0], []])
            {
                File.WriteAllBytes(file, content);
                Assert.Equal(block.Hash, (await Assert.ThrowsAsync<BlockCorruptException>(async () => await store.GetAsync(block.Hash))).Hash);
                var leases = new BlockLease[2];
                await Assert.ThrowsAsync<BlockCorruptException>(async () => await store.GetManyAsync(new[] { ReadingContract.Blocks[0].Hash, block.Hash }, leases));
                Assert.True(await TestBlock.IsInAsync(store, ReadingContract.Blocks[0]));
            }

            // What is no file is answered with 403, which says nothing of whether there is such a block.
            File.Delete(file);
            Directory.CreateDirectory(file);
            await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.GetAsync(block.Hash));
            await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.ContainsManyAsync(new[] { block.Hash }, new bool[1]));
        }
        finally
        {
            PutBack(file, block.Bytes);
        }

        Assert.True(await TestBlock.IsInAsync(store, block));
    }

    static void PutBack(string file, byte[] bytes)
    {
        if (Directory.Exists(file))
            Directory.Delete(file);
        File.WriteAllBytes(file, bytes);
    }

    static async Task CheckAsync(ProxyStore store, bool mayFail)
    {
        foreach (var block in ReadingContract.Blocks.Take(60))
        {
            try
            {
                Assert.True(await TestBlock.IsInAsync(store, block), $"{block.Hash} is said to be absent");
                var present = new bool[1];
                await store.ContainsManyAsync(new[] { block.Hash }, present);
                Assert.True(present[0], $"{block.Hash} is said to be absent");
            }
            catch (Exception fault) when (mayFail && fault is StoreUnavailableException or BlockCorruptException)
            {
                // An error, said as one.
            }
        }
    }
}
