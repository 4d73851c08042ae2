using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores.Cache;
using Vt.Stores.Memory;
using Vt.Tests.Chains;
using Vt.Tests.Support;

namespace Vt.Tests.Cache;

/// <summary>What a cache keeps, for whom, and what it never says.</summary>
public sealed class CacheStoreTests : IDisposable
{
    readonly TempFolder _folder = new(inMemory: true);
    readonly MemoryStore _far = new();
    readonly GatedStore _away;
    readonly TestBlock[] _blocks = TestBlock.Many(HashAlgorithms.GetHasher(HashAlgorithms.Default), 31, 40);

    public CacheStoreTests() => _away = new GatedStore(_far);

    static CacheOptions Options => new() { MostBytes = CacheOptions.SmallestSize, Time = new FakeClock() };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_was_read_is_there_when_the_store_behind_is_not_and_after_a_restart()
    {
        await TestBlock.AddAsync(_far, _blocks);
        await using (var cache = Open())
        {
            foreach (var block in _blocks[..20])
                Assert.True(await TestBlock.IsInAsync(cache, block));
            Assert.Equal((0, 20), (cache.ReadCaches().First().Hits, cache.ReadCaches().First().Misses));
            _away.IsAway = true;
            await CheckAsync(cache);
        }

        await using var again = Open();
        await CheckAsync(again);

        async Task CheckAsync(CacheStore cache)
        {
            foreach (var block in _blocks[..20])
                Assert.True(await TestBlock.IsInAsync(cache, block));
            var leases = new BlockLease[20];
            await cache.GetManyAsync(_blocks[..20].Select(block => block.Hash).ToArray(), leases);
            for (var i = 0; i < 20; i++)
            {
                Assert.True(leases[i].Span.SequenceEqual(_blocks[i].Bytes));
                leases[i].Dispose();
            }

            // What is not kept is unknown now, and presence is not the cache's to say.
            await Assert.ThrowsAsync<StoreUnavailableException>(() => TestBlock.IsInAsync(cache, _blocks[30]));
            await Assert.ThrowsAsync<StoreUnavailableException>(async () => await cache.ContainsManyAsync(new[] { _blocks[0].Hash }, new bool[1]));
            await Assert.ThrowsAsync<StoreUnavailableException>(() => TestBlock.AddAsync(cache, _blocks[..1]));
        }
    }

    [Fact]
    public async Task What_one_process_read_another_has()
    {
        await TestBlock.AddAsync(_far, _blocks);
        await using var one = Open();
        await using var other = Open();
        foreach (var block in _blocks)
            Assert.True(await TestBlock.IsInAsync(one, block));
        _away.IsAway = true;
        foreach (var block in _blocks)
            Assert.True(await TestBlock.IsInAsync(other, block));
        Assert.Equal((40, 40), (other.ReadCaches().First().Hits, other.ReadCaches().First().Misses));
    }

    [Fact]
    public async Task Damaged_copies_are_fetched_again()
    {
        await TestBlock.AddAsync(_far, _blocks);
        await using (var cache = Open())
        {
            foreach (var block in _blocks)
                Assert.True(await TestBlock.IsInAsync(cache, block));
        }

        var random = new Random(1);
        foreach (var path in Directory.GetFiles(_folder["cache/packs"]))
        {
            var bytes = File.ReadAllBytes(path);
            for (var i = 0; i < bytes.Length / 500; i++)
                bytes[random.Next(bytes.Length)] ^= 0x10;
            File.WriteAllBytes(path, bytes);
        }

        await using var again = Open();
        foreach (var block in _blocks)
            Assert.True(await TestBlock.IsInAsync(again, block));
        _away.IsAway = true;
        foreach (var block in _blocks)
            Assert.True(await TestBlock.IsInAsync(again, block));
    }

    [Fact]
    public async Task Rubbish_for_a_table_is_no_answer()
    {
        await TestBlock.AddAsync(_far, _blocks);
        await using (var cache = Open())
        {
            foreach (var block in _blocks)
                Assert.True(await TestBlock.IsInAsync(cache, block));
        }

        var table = File.ReadAllBytes(_folder["cache/table"]);
        new Random(3).NextBytes(table.AsSpan(4096));
        File.WriteAllBytes(_folder["cache/table"], table);
        await using (var again = Open())
        {
            foreach (var block in _blocks)
                Assert.True(await TestBlock.IsInAsync(again, block));
        }

        File.WriteAllText(_folder["cache/table"], "no table");
        await using var last = Open();
        foreach (var block in _blocks)
            Assert.True(await TestBlock.IsInAsync(last, block));
    }

    [Fact]
    public async Task It_stays_within_its_bytes_and_keeps_what_is_used()
    {
        var random = new Random(5);
        var hot = TestBlock.Many(_far.Hasher, 77, 12, 60_000);
        await TestBlock.AddAsync(_far, hot);
        await using var cache = Open();
        for (var round = 0; round < 60; round++)
        {
            var cold = Enumerable.Range(0, 12).Select(_ =>
            {
                var bytes = new byte[90_000];
                random.NextBytes(bytes);
                return TestBlock.Of(_far.Hasher, bytes);
            }).ToArray();
            await TestBlock.AddAsync(_far, cold);
            foreach (var block in (IEnumerable<TestBlock>)[.. cold, .. hot])
                Assert.True(await TestBlock.IsInAsync(cache, block));
        }

        var bytes = new DirectoryInfo(_folder["cache"]).GetFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
        Assert.InRange(bytes, CacheOptions.SmallestSize / 2, CacheOptions.SmallestSize);
        _away.IsAway = true;
        foreach (var block in hot)
            Assert.True(await TestBlock.IsInAsync(cache, block));
    }

    [Fact]
    public async Task A_full_disk_is_no_failure_of_reading()
    {
        await TestBlock.AddAsync(_far, _blocks);
        var boundary = new WriteBoundary((_, path, _) => throw new Vt.Posix.PosixException(Vt.Posix.Errno.ENOSPC, "pwrite", path));
        await using var cache = new CacheStore(_folder["cache"], _away, Options with { Boundary = boundary });
        foreach (var block in _blocks)
            Assert.True(await TestBlock.IsInAsync(cache, block));
    }

    [Fact]
    public async Task References_are_the_store_behinds_and_remembered_for_when_it_is_away()
    {
        await using (var cache = Open())
        {
            Assert.True(await cache.TryMoveAsync("branch/main", null, "1", "made"));
            Assert.Equal("1", await _far.ReadAsync("branch/main"));
            Assert.True(await _far.TryMoveAsync("branch/main", "1", "2", "elsewhere"));
            Assert.Equal("2", await cache.ReadAsync("branch/main"));
            Assert.Equal(["branch/main"], await cache.ListAsync("branch/").ToArrayAsync());
            Assert.Equal(2, await cache.ReadLogAsync("branch/main").CountAsync());
        }

        _away.IsAway = true;
        await using var again = Open();
        Assert.Equal("2", await again.ReadAsync("branch/main"));
        Assert.Equal(["branch/main"], await again.ListAsync("branch/").ToArrayAsync());
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await again.ReadAsync("branch/other"));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await again.ListAsync().CountAsync());
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await again.TryMoveAsync("branch/main", "2", "3", "no"));
    }

    [Fact]
    public async Task A_cleared_cache_has_nothing_and_goes_on()
    {
        await TestBlock.AddAsync(_far, _blocks);
        await using var cache = Open();
        foreach (var block in _blocks)
            Assert.True(await TestBlock.IsInAsync(cache, block));
        cache.Clear();
        Assert.Empty(Directory.GetFiles(_folder["cache/packs"]));
        foreach (var block in _blocks)
            Assert.True(await TestBlock.IsInAsync(cache, block));
        _away.IsAway = true;
        foreach (var block in _blocks)
            Assert.True(await TestBlock.IsInAsync(cache, block));
    }

    [Fact]
    public async Task A_folder_of_other_hashes_is_refused()
    {
        await Open().DisposeAsync();
        var other = new MemoryStore(HashAlgorithms.GetHasher(HashAlgorithmId.Sha256));
        Assert.Contains("sha256", Assert.Throws<UserErrorException>(() => new CacheStore(_folder["cache"], other, Options)).Message, StringComparison.Ordinal);
    }

    CacheStore Open() => new(_folder["cache"], _away, Options);
}
