using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Tests.Support;
using Vt.Tests.Support.S3;

namespace Vt.Tests.S3;

public sealed class S3SharingTests : IDisposable
{
    static readonly BlockHasher Hasher = HashAlgorithms.GetHasher(HashAlgorithms.Default);

    readonly S3Bed _bed = new();

    public void Dispose() => _bed.Dispose();

    [Fact]
    public async Task What_another_writer_has_flushed_is_there_for_whoever_read_its_reference()
    {
        _bed.Freshness = TimeSpan.FromHours(1);
        await using var writer = await _bed.OpenAsync();
        await using var reader = await _bed.OpenAsync();
        for (var i = 0; i < 12; i++)
        {
            var blocks = TestBlock.Many(Hasher, 100 + i, 10);
            await TestBlock.AddAsync(writer, blocks);
            await writer.FlushAsync();
            await ((IRefStore)writer).TryMoveAsync($"r{i}", null, blocks[0].Hash.ToString(), "");
            Assert.Equal(blocks[0].Hash.ToString(), await ((IRefStore)reader).ReadAsync($"r{i}"));
            foreach (var block in blocks)
                Assert.True(await TestBlock.IsInAsync(reader, block));
        }
    }

    [Fact]
    public async Task Absent_blocks_cost_one_listing_as_long_as_it_is_fresh()
    {
        _bed.Freshness = TimeSpan.FromHours(1);
        await using var store = await _bed.OpenAsync();
        _bed.Wire.Reset();
        foreach (var block in TestBlock.Many(Hasher, 5, 50))
            Assert.False(await TestBlock.IsInAsync(store, block));
        Assert.Empty(_bed.Wire.Seen);
        await ((IRefStore)store).ReadAsync("a");
        foreach (var block in TestBlock.Many(Hasher, 5, 50))
            Assert.False(await TestBlock.IsInAsync(store, block));
        Assert.Equal(1, _bed.Wire.CountOf("LIST"));
    }

    [Fact]
    public async Task Writers_that_write_at_once_lose_nothing_and_index_objects_stay_few()
    {
        _bed.Server!.PageSize = 5;
        var all = new List<TestBlock>();
        await Task.WhenAll(Enumerable.Range(0, 3).Select(writer => Task.Run(async () =>
        {
            await using var store = await _bed.OpenAsync();
            for (var i = 0; i < 25; i++)
            {
                // Half of what each writes the others write too.
                var blocks = TestBlock.Many(Hasher, (i % 2 == 0 ? 0 : (writer + 1) * 1000) + i, 5, 2000);
                await TestBlock.AddAsync(store, blocks);
                await store.FlushAsync();
                lock (all)
                    all.AddRange(blocks);
            }
        })));
        await using var last = await _bed.OpenAsync();
        foreach (var block in all)
            Assert.True(await TestBlock.IsInAsync(last, block));
        var names = all.Select(static block => block.Hash).Distinct().Order().ToArray();
        Assert.Equal(names, await ((IBlockEnumeration)last).EnumerateAsync().ToArrayAsync());
    }

    [Fact]
    public async Task Opening_reads_few_index_objects_after_many_flushes_and_old_ones_are_deleted_in_time()
    {
        // Each in a session of its own, since the end of one waits for its merge.
        for (var i = 0; i < 100; i++)
        {
            await using var store = await _bed.OpenAsync();
            await TestBlock.AddAsync(store, TestBlock.Many(Hasher, i, 1, 200));
            await store.FlushAsync();
            _bed.Server!.Now += TimeSpan.FromMinutes(1);
        }

        // What a quarter of an hour's merges have replaced may still be there, and is not read.
        Assert.InRange(_bed.Server!.Keys.Count(static key => key.StartsWith("index/", StringComparison.Ordinal)), 1, 40);
        Directory.Delete(_bed.Settings.Cache, recursive: true);
        await using var cold = await _bed.OpenAsync(isReadOnly: true);
        Assert.InRange(_bed.Wire.Seen.Count(static request => request.Key.Contains("index/", StringComparison.Ordinal) && request.Method == "GET"), 1, 16);
        for (var i = 0; i < 100; i++)
            Assert.True(await TestBlock.IsInAsync(cold, TestBlock.Many(Hasher, i, 1, 200)[0]));
    }

    [Fact]
    public async Task A_commit_is_a_pack_an_index_object_and_a_movement()
    {
        await using var store = await _bed.OpenAsync();
        string? value = null;
        for (var i = 0; i < 5; i++)
        {
            _bed.Wire.Reset();
            await TestBlock.AddAsync(store, TestBlock.Many(Hasher, i, 20));
            await store.FlushAsync();
            await ((IRefStore)store).TryMoveAsync("live", value, value = $"{i}", "");
            if (i > 0)
                Assert.Equal(["PUT", "PUT", "PUT"], _bed.Wire.Seen.Select(static request => request.Method));
            await store.FlushAsync();
        }
    }

    [Fact]
    public async Task Much_is_written_in_few_requests_and_read_in_few()
    {
        const int Count = 1000;
        var random = new Random(9);
        var blocks = new TestBlock[Count];
        await using (var store = await _bed.OpenAsync())
        {
            _bed.Wire.Reset();
            for (var i = 0; i < Count; i++)
            {
                var bytes = new byte[32 << 10];
                random.NextBytes(bytes);
                blocks[i] = TestBlock.Of(Hasher, bytes);
            }

            foreach (var batch in blocks.Chunk(50))
                await TestBlock.AddAsync(store, batch);
            await store.FlushAsync();
            Assert.InRange(_bed.Wire.CountOf("PUT"), 1, (Count * 32 / 1024 / 8) + 2);
        }

        await using var reader = await _bed.OpenAsync(isReadOnly: true);
        _bed.Wire.Reset();
        foreach (var batch in blocks.Chunk(16))
        {
            var leases = new BlockLease[batch.Length];
            await reader.GetManyAsync(batch.Select(static block => block.Hash).ToArray(), leases);
            for (var i = 0; i < batch.Length; i++)
            {
                Assert.True(leases[i].Span.SequenceEqual(batch[i].Bytes));
                leases[i].Dispose();
            }
        }

        // Four requests of growing length at the beginning of each pack, then 4 MiB each.
        Assert.InRange(_bed.Wire.CountOf("GET"), 1, 40);
        var large = new BlockLease[Count];
        await reader.GetManyAsync(blocks.Select(static block => block.Hash).ToArray(), large);
        foreach (var lease in large)
            lease.Dispose();
    }

    [Fact]
    public async Task What_a_dead_writer_left_is_garbage_and_no_more()
    {
        await _bed.MakeAsync();
        var blocks = TestBlock.Many(Hasher, 1, 20);
        _bed.Settings = _bed.Settings with { Timeout = TimeSpan.FromMilliseconds(1) };
        await using (var store = await _bed.OpenAsync(static (request, _) =>
            request.Method == HttpMethod.Put && request.RequestUri!.AbsolutePath.Contains("/index/", StringComparison.Ordinal) ? WireFault.NoConnection : null))
        {
            await TestBlock.AddAsync(store, blocks);
            await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.FlushAsync());
        }

        await using var again = await _bed.OpenAsync();
        Assert.Contains(_bed.Server!.Keys, static key => key.StartsWith("packs/", StringComparison.Ordinal));
        Assert.False(await TestBlock.IsInAsync(again, blocks[0]));
        Assert.Equal(20, (await TestBlock.AddAsync(again, blocks)).NewBlocks);
        await again.FlushAsync();
        Assert.True(await TestBlock.IsInAsync(again, blocks[0]));
    }
}
