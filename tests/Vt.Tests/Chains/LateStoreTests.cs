using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores.Chains;
using Vt.Stores.Faults;
using Vt.Stores.Memory;
using Vt.Tests.Support;

namespace Vt.Tests.Chains;

/// <summary>A part of a chain that is opened anew after it refused to write, and what becomes of what it had taken before.</summary>
public sealed class LateStoreTests
{
    static readonly TestBlock[] _blocks = TestBlock.Many(HashAlgorithms.GetHasher(HashAlgorithms.Default), 1, 8);

    readonly MemoryStore _disk = new();

    [Fact]
    public async Task What_is_lost_is_told_to_each_of_several_writers()
    {
        await using var store = Open(new FaultRule(FaultKind.LostFlush, 0, 1));
        await TestBlock.AddAsync(store, _blocks[..4]);
        await TestBlock.AddAsync(store, _blocks[4..]);
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.FlushAsync());

        // One adds its own again; the other's are still lost.
        await TestBlock.AddAsync(store, _blocks[..4]);
        var fault = await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.FlushAsync());
        Assert.Contains("4 blocks that it had taken are lost", fault.Message, StringComparison.Ordinal);
        await TestBlock.AddAsync(store, _blocks[4..]);
        await store.FlushAsync();
        foreach (var block in _blocks)
            Assert.True(await TestBlock.IsInAsync(_disk, block));
    }

    [Fact]
    public async Task What_is_there_all_the_same_costs_nobody_an_error()
    {
        await using var store = Open(new FaultRule(FaultKind.DiskFull, 1, 1));
        await TestBlock.AddAsync(store, _blocks[..4]);
        await Assert.ThrowsAsync<StoreFullException>(() => TestBlock.AddAsync(store, _blocks[4..]));
        await store.FlushAsync();
        await TestBlock.AddAsync(store, _blocks[4..]);
        await store.FlushAsync();
    }

    [Fact]
    public async Task What_was_flushed_is_not_in_doubt()
    {
        await using var store = Open(new FaultRule(FaultKind.LostFlush, 1, 1));
        await TestBlock.AddAsync(store, _blocks[..4]);
        await store.FlushAsync();
        await TestBlock.AddAsync(store, _blocks[4..]);
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.FlushAsync());
        await TestBlock.AddAsync(store, _blocks[4..]);
        await store.FlushAsync();
    }

    [Fact]
    public async Task A_flush_does_not_vouch_for_what_it_can_not_ask_about()
    {
        var isAway = false;
        var rule = new FaultRule(FaultKind.LostFlush, 0, 1);
        await using var store = new LateStore(
            "late",
            _ => isAway ? throw new StoreUnavailableException("late", "away", isTransient: true) : Task.FromResult<IBlockStore>(new FaultyStore(_disk, [rule])),
            TimeProvider.System);
        await store.OpenAsync(CancellationToken.None);
        await TestBlock.AddAsync(store, _blocks);
        isAway = true;
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.FlushAsync());
        for (var i = 0; i < 3; i++)
            await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.FlushAsync());
    }

    // Each opening is another wrapper of the same disk; the rule goes on counting.
    LateStore Open(FaultRule rule) => new("late", _ => Task.FromResult<IBlockStore>(new FaultyStore(_disk, [rule])), TimeProvider.System);
}
