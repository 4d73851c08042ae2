using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores.Faults;
using Vt.Stores.Memory;
using Vt.Stores.Proxy;
using Vt.Tests.Chains;
using Vt.Tests.Support;

namespace Vt.Tests.Proxy;

/// <summary>Where blocks and references go, and what happens when that store can't take them.</summary>
public sealed class ProxyWritingTests
{
    readonly MemoryStore _one = new();
    readonly MemoryStore _two = new();
    readonly MemoryStore _three = new();
    readonly TestBlock[] _blocks = TestBlock.Many(HashAlgorithms.GetHasher(HashAlgorithms.Default), 12, 12);

    [Fact]
    public async Task Every_block_goes_to_all_that_save()
    {
        await using var proxy = new ProxyStore(new ProxyRoles { Save = [_one, _two], Read = [_one] });
        await TestBlock.AddAsync(proxy, _blocks);
        foreach (var block in _blocks)
            Assert.True(await TestBlock.IsInAsync(_one, block) && await TestBlock.IsInAsync(_two, block));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_add_fails_where_one_of_them_fails(bool isFull)
    {
        var failing = new GatedStore(_two) { IsAway = !isFull, IsFull = isFull };
        await using var proxy = new ProxyStore(new ProxyRoles { Save = [_one, failing], Read = [_one] });
        var fault = await Record.ExceptionAsync(() => TestBlock.AddAsync(proxy, _blocks));
        Assert.IsType(isFull ? typeof(StoreFullException) : typeof(StoreUnavailableException), fault);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Another_store_takes_what_one_can_not(bool isFull)
    {
        var failing = new GatedStore(_one) { IsAway = !isFull, IsFull = isFull };
        var also = new GatedStore(new MemoryStore()) { IsAway = true };
        await using var proxy = new ProxyStore(new ProxyRoles { Save = [failing], SaveElse = [also, _two], Read = [failing, _two] });
        Assert.Equal(12, (await TestBlock.AddAsync(proxy, _blocks)).NewBlocks);
        await proxy.FlushAsync();
        foreach (var block in _blocks)
            Assert.True(await TestBlock.IsInAsync(_two, block));

        // Parts of trees lie in several stores now: none says that it has whole ones.
        Assert.False(proxy.IsComplete);
        Assert.False(_two.IsComplete);
    }

    [Fact]
    public async Task A_flush_that_begins_while_another_one_runs_is_not_over_before_it()
    {
        var slow = new SlowlyFlushed(_one);
        await using var proxy = new ProxyStore(new ProxyRoles { Save = [slow], Read = [slow] });
        await TestBlock.AddAsync(proxy, _blocks);
        var first = proxy.FlushAsync().AsTask();
        var second = proxy.FlushAsync().AsTask();
        Assert.False(second.IsCompleted, "a flush vouched for what was not durable yet");
        slow.Open();
        await first;
        await second;
        await proxy.FlushAsync();
        Assert.Equal(2, slow.Flushes);
    }

    [Fact]
    public async Task A_flush_says_what_a_store_lost()
    {
        var away = new GatedStore(_two);
        await using var proxy = new ProxyStore(new ProxyRoles { Save = [_one, away], Read = [_one] });
        await TestBlock.AddAsync(proxy, _blocks);
        away.IsAway = true;
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await proxy.FlushAsync());
    }

    [Fact]
    public async Task References_go_to_one_store_by_their_names()
    {
        await using var proxy = new ProxyStore(new ProxyRoles { Save = [_one], Read = [_one, _two], References = [new RefRoute(_two, "archives/*")] });
        Assert.True(await proxy.TryMoveAsync("archives/a", null, "1", ""));
        Assert.True(await proxy.TryMoveAsync("branch/a", null, "2", ""));

        // What lies in a store that does not keep such names is not seen.
        Assert.True(await _one.TryMoveAsync("archives/b", null, "3", ""));
        Assert.Equal(["archives/a", "branch/a"], await proxy.ListAsync().ToArrayAsync());
        Assert.Equal("1", await _two.ReadAsync("archives/a"));
        Assert.Null(await proxy.ReadAsync("archives/b"));
        var log = await proxy.ReadLogAsync("branch/a").ToArrayAsync();
        Assert.Equal("2", Assert.Single(log).Value);
    }

    [Fact]
    public void Stores_that_do_not_agree_are_refused()
    {
        var other = new MemoryStore(HashAlgorithms.GetHasher(HashAlgorithmId.Sha256));
        var fault = Assert.Throws<UserErrorException>(() => new ProxyStore(new ProxyRoles { Save = [_one], Read = [_one, other] }));
        Assert.Contains("blake3", fault.Message, StringComparison.Ordinal);
        Assert.Contains("sha256", fault.Message, StringComparison.Ordinal);
        var cutting = new MemoryStore(chunking: Vt.Blocks.Chunking.ChunkingParameters.ForAverage(1 << 16));
        Assert.Throws<UserErrorException>(() => new ProxyStore(new ProxyRoles { Save = [_one, cutting], Read = [_one] }));
        Assert.Throws<UserErrorException>(() => new ProxyStore(new ProxyRoles { Save = [_one] }));
    }

    [Fact]
    public async Task What_only_one_of_two_that_save_has_is_to_be_offered_again()
    {
        var failing = new GatedStore(_two) { IsAway = true };
        await using var proxy = new ProxyStore(new ProxyRoles { Save = [_one, failing], Read = [_one, failing] }, new ProxyOptions { FirstPause = TimeSpan.Zero });
        var blocks = TestBlock.Many(_one.Hasher, 1, 4);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => TestBlock.AddAsync(proxy, blocks[..2]));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await ContainsAsync(proxy, blocks));
        failing.IsAway = false;
        Assert.Equal("0000", await ContainsAsync(proxy, blocks));
        await TestBlock.AddAsync(proxy, blocks[1..3]);
        Assert.Equal("0110", await ContainsAsync(proxy, blocks));
        foreach (var block in blocks[..3])
            Assert.True(await TestBlock.IsInAsync(proxy, block));
    }

    [Fact]
    public async Task What_a_store_that_is_read_besides_has_need_not_be_offered()
    {
        await using var proxy = new ProxyStore(new ProxyRoles { Save = [_one, _two], Read = [_one, _two, _three] });
        var block = TestBlock.Of(_one.Hasher, [1, 2, 3]);
        await TestBlock.AddAsync(_three, block);
        Assert.Equal("1", await ContainsAsync(proxy, [block]));
    }

    [Fact]
    public async Task A_flush_that_failed_is_asked_for_again()
    {
        var rule = new FaultRule(FaultKind.FlushFailure, 0, 2);
        var counting = new CountingStore(_two);
        await using var proxy = new ProxyStore(new ProxyRoles { Save = [_one, new FaultyStore(counting, [rule])], Read = [_one] });
        await TestBlock.AddAsync(proxy, TestBlock.Many(_one.Hasher, 1, 4));
        for (var i = 0; i < 2; i++)
            await Assert.ThrowsAsync<StoreUnavailableException>(async () => await proxy.FlushAsync());
        await proxy.FlushAsync();
        Assert.Equal(1, counting.Flushes);
        await proxy.FlushAsync();
        Assert.Equal(1, counting.Flushes);
    }

    static async Task<string> ContainsAsync(ProxyStore proxy, TestBlock[] blocks)
    {
        var present = new bool[blocks.Length];
        await proxy.ContainsManyAsync(Array.ConvertAll(blocks, static block => block.Hash), present);
        return string.Concat(present.Select(static isThere => isThere ? '1' : '0'));
    }

    /// <summary>A store whose flushes wait until they are let through.</summary>
    sealed class SlowlyFlushed(IBlockStore inner) : DelegatingStore(inner)
    {
        readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Flushes { get; private set; }

        public void Open() => _gate.SetResult();

        public override async ValueTask FlushAsync(CancellationToken cancellationToken = default)
        {
            Flushes++;
            await _gate.Task.WaitAsync(cancellationToken);
            await base.FlushAsync(cancellationToken);
        }
    }
}
