using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores.Faults;
using Vt.Stores.Memory;
using Vt.Stores.Proxy;
using Vt.Tests.Chains;
using Vt.Tests.Support;

namespace Vt.Tests.Proxy;

/// <summary>Who is asked when, what is copied, and what is said when a store is damaged, slow or away.</summary>
public sealed class ProxyReadingTests
{
    readonly FakeClock _clock = new();
    readonly MemoryStore _near = new();
    readonly MemoryStore _far = new();
    readonly TestBlock[] _blocks = TestBlock.Many(HashAlgorithms.GetHasher(HashAlgorithms.Default), 11, 12);

    ProxyOptions Options => new() { Time = _clock, Random = static () => 0.5 };

    [Fact]
    public async Task What_only_the_far_store_has_is_copied_to_the_near_one()
    {
        await TestBlock.AddAsync(_far, _blocks);
        await using var proxy = new ProxyStore(new ProxyRoles { Save = [_far], Read = [_near], ReadElse = [_far], Copy = [_near] }, Options);
        foreach (var block in _blocks[..6])
            Assert.True(await TestBlock.IsInAsync(proxy, block));
        var leases = new BlockLease[_blocks.Length];
        await proxy.GetManyAsync(_blocks.Select(block => block.Hash).ToArray(), leases);
        Assert.All(leases, lease => Assert.True(lease.IsPresent));
        await proxy.WhenCopied;
        foreach (var block in _blocks)
            Assert.True(await TestBlock.IsInAsync(_near, block));
        Assert.False(_near.IsComplete);
        Assert.True(proxy.IsComplete);
    }

    [Fact]
    public async Task A_cache_is_never_asked_whether_it_has_a_block()
    {
        await TestBlock.AddAsync(_near, _blocks);
        await using var proxy = new ProxyStore(new ProxyRoles { Save = [_far], Read = [_near], ReadElse = [_far], Copy = [_near] }, Options);
        var present = new bool[1];
        await proxy.ContainsManyAsync(new[] { _blocks[0].Hash }, present);
        Assert.False(present[0]);
        Assert.Equal(12, (await TestBlock.AddAsync(proxy, _blocks)).NewBlocks);
    }

    [Theory]
    [InlineData(FaultKind.BitFlip)]
    [InlineData(FaultKind.TruncatedRead)]
    public async Task A_damaged_block_is_read_elsewhere_and_counted(FaultKind kind)
    {
        await TestBlock.AddAsync(_near, _blocks);
        await TestBlock.AddAsync(_far, _blocks);
        await using var proxy = new ProxyStore(
            new ProxyRoles { Save = [_far], Read = [new FaultyStore(_near, [new FaultRule(kind)]), _far] }, Options);
        foreach (var block in _blocks)
            Assert.True(await TestBlock.IsInAsync(proxy, block));
        Assert.True(proxy.Members[0].Damaged > 0);
        var alone = new ProxyStore(new ProxyRoles { Read = [new FaultyStore(_near, [new FaultRule(kind)]), new MemoryStore()] }, Options);
        await Assert.ThrowsAsync<BlockCorruptException>(() => TestBlock.IsInAsync(alone, _blocks[0]));
    }

    [Fact]
    public async Task A_store_that_is_away_is_no_answer()
    {
        var away = new GatedStore(_far) { IsAway = true };
        await TestBlock.AddAsync(_near, _blocks[..6]);
        await using var proxy = new ProxyStore(new ProxyRoles { Save = [_near], Read = [_near], ReadElse = [away] }, Options);
        Assert.True(await TestBlock.IsInAsync(proxy, _blocks[0]));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => TestBlock.IsInAsync(proxy, _blocks[8]));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await proxy.ContainsManyAsync(new[] { _blocks[8].Hash }, new bool[1]));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await proxy.EnumerateAsync().CountAsync());
        var leases = new BlockLease[12];
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await proxy.GetManyAsync(_blocks.Select(block => block.Hash).ToArray(), leases));
        Assert.All(leases, lease => Assert.False(lease.IsPresent));
        away.IsAway = false;
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.False(await TestBlock.IsInAsync(proxy, _blocks[8]));
    }

    [Fact]
    public async Task A_store_that_fails_is_left_alone_and_then_tried_by_one_call()
    {
        var sick = new GatedStore(_near) { IsAway = true };
        await TestBlock.AddAsync(_far, _blocks);
        await using var proxy = new ProxyStore(new ProxyRoles { Save = [_far], Read = [sick, _far] }, Options);
        for (var i = 0; i < 10; i++)
            Assert.True(await TestBlock.IsInAsync(proxy, TestBlock.Of(proxy.Hasher, _blocks[i].Bytes)));
        Assert.Equal(3, sick.Calls);
        Assert.True(proxy.Members[0].IsPaused);
        Assert.Contains("away, by plan", proxy.Members[0].LastError, StringComparison.Ordinal);

        // The pause doubles with each failure.
        _clock.Advance(TimeSpan.FromSeconds(1.1));
        Assert.True(await ReadNewAsync(proxy));
        Assert.True(await ReadNewAsync(proxy));
        Assert.Equal(4, sick.Calls);
        _clock.Advance(TimeSpan.FromSeconds(1.1));
        Assert.True(await ReadNewAsync(proxy));
        Assert.Equal(4, sick.Calls);
        sick.IsAway = false;
        _clock.Advance(TimeSpan.FromSeconds(1.1));
        Assert.True(await ReadNewAsync(proxy));
        Assert.Equal(5, sick.Calls);
        Assert.False(proxy.Members[0].IsPaused);
    }

    [Fact]
    public async Task A_slow_store_is_overtaken_and_its_call_cancelled()
    {
        var slow = new GatedStore(_near) { IsClosed = true };
        await TestBlock.AddAsync(_near, _blocks);
        await TestBlock.AddAsync(_far, _blocks);
        await using var proxy = new ProxyStore(
            new ProxyRoles { Save = [_far], Read = [slow, _far] }, Options with { HedgeDelay = TimeSpan.FromMilliseconds(30) });
        var leases = new BlockLease[2];
        var read = proxy.GetManyAsync(_blocks[..2].Select(block => block.Hash).ToArray(), leases).AsTask();
        await slow.WhenAsked;
        await _clock.WhenAwaited;
        Assert.False(read.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(31));
        await read;
        Assert.True(leases[1].Span.SequenceEqual(_blocks[1].Bytes));
        await slow.WhenCancelled;
        Assert.Equal(1, proxy.Members[0].Hedges);
    }

    [Fact]
    public async Task A_near_store_that_answers_nothing_keeps_nobody_waiting()
    {
        var stuck = new GatedStore(_near) { IsClosed = true };
        await TestBlock.AddAsync(_far, _blocks);
        await using var proxy = new ProxyStore(
            new ProxyRoles { Save = [_far], Read = [stuck], ReadElse = [_far], Copy = [stuck] }, Options with { FarDelay = TimeSpan.FromMilliseconds(20), Time = TimeProvider.System });
        Assert.True(await TestBlock.IsInAsync(proxy, _blocks[0]));
        var leases = new BlockLease[1];
        await proxy.GetManyAsync(new[] { _blocks[0].Hash }, leases);
        Assert.True(leases[0].Span.SequenceEqual(_blocks[0].Bytes));
        stuck.Open();
    }

    [Fact]
    public async Task A_slow_near_store_does_not_bother_the_far_one()
    {
        var slow = new GatedStore(_near) { IsClosed = true };
        var far = new GatedStore(_far);
        await TestBlock.AddAsync(_near, _blocks);
        await using var proxy = new ProxyStore(
            new ProxyRoles { Save = [far], Read = [slow], ReadElse = [far] }, Options with { HedgeDelay = TimeSpan.FromMilliseconds(30) });
        var read = TestBlock.IsInAsync(proxy, _blocks[0]);
        await slow.WhenAsked;
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(0, far.Calls);
        slow.Open();
        Assert.True(await read);
    }

    [Fact]
    public async Task Who_had_a_block_is_asked_first_the_next_time()
    {
        var first = new GatedStore(_near);
        await TestBlock.AddAsync(_far, _blocks);
        await using var proxy = new ProxyStore(new ProxyRoles { Save = [_far], Read = [first, _far] }, Options);
        Assert.True(await TestBlock.IsInAsync(proxy, _blocks[0]));
        Assert.True(await TestBlock.IsInAsync(proxy, _blocks[0]));
        Assert.True(await TestBlock.IsInAsync(proxy, _blocks[0]));
        Assert.Equal(1, first.Calls);
    }

    [Fact]
    public async Task A_reader_that_gives_up_leaves_nothing_behind()
    {
        var slow = new GatedStore(_near) { IsClosed = true };
        await using var proxy = new ProxyStore(new ProxyRoles { Save = [_far], Read = [slow, _far] }, Options with { IsHedgeOff = true });
        using var enough = new CancellationTokenSource();
        var leases = new BlockLease[2];
        var read = proxy.GetManyAsync(_blocks[..2].Select(block => block.Hash).ToArray(), leases, enough.Token).AsTask();
        await slow.WhenAsked;
        await enough.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        Assert.False(proxy.Members[0].IsPaused);
    }

    static async Task<bool> ReadNewAsync(ProxyStore proxy)
    {
        var leases = new BlockLease[1];
        var hash = proxy.Hasher.Hash("what nobody has"u8);
        await proxy.GetManyAsync(new[] { hash }, leases).AsTask().ContinueWith(static _ => { }, TaskScheduler.Default);
        return !leases[0].IsPresent;
    }
}
