using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Posix;
using Vt.Stores.DataDir;
using Vt.Stores.DataDir.Inspection;
using Vt.Stores.DataDir.Sharing;
using Vt.Tests.Support;

namespace Vt.Tests.DataDir;

/// <summary>Several stores on one folder: locks belong to open files, so that two stores of a process are as far apart as two processes.</summary>
public sealed class SharingTests : IDisposable
{
    readonly TempFolder _folder = new(inMemory: true);
    readonly TestBlock[] _blocks = TestBlock.Many(HashAlgorithms.GetHasher(HashAlgorithms.Default), 21, 400, 16_000);

    public SharingTests() => DataDirStore.Initialise(Root, new DataDirConfig { PackSize = DataDirConfig.SmallestPack });

    string Root => _folder["store"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_one_store_adds_another_sees_at_once()
    {
        await using var writer = DataDirStore.Open(Root);
        await using var reader = DataDirStore.Open(Root, new DataDirOptions { IsReadOnly = true });
        for (var i = 0; i < 300; i += 20)
        {
            await TestBlock.AddAsync(writer, _blocks[i..(i + 20)]);
            foreach (var block in _blocks[i..(i + 20)])
                Assert.True(await TestBlock.IsInAsync(reader, block));
        }

        Assert.Equal(300, await reader.EnumerateAsync().CountAsync());
        await using var second = DataDirStore.Open(Root);
        Assert.Equal(100, (await TestBlock.AddAsync(second, _blocks)).NewBlocks);
        await second.FlushAsync();
        await writer.DisposeAsync();
        foreach (var block in _blocks)
            Assert.True(await TestBlock.IsInAsync(reader, block));
        Assert.Equal(400, await reader.EnumerateAsync().CountAsync());
    }

    [Fact]
    public async Task What_one_store_adds_each_of_several_threads_of_another_sees_at_once()
    {
        await using var one = DataDirStore.Open(Root);
        await using var other = DataDirStore.Open(Root);
        var blocks = TestBlock.Many(one.Hasher, 77, 400, 200);
        foreach (var block in blocks)
        {
            await TestBlock.AddAsync(one, block);

            // Of these one learns what is new, and the others may have looked before that.
            using var start = new Barrier(4);
            var seen = await Task.WhenAll(Enumerable.Range(0, 4).Select(thread => Task.Factory.StartNew(
                async () =>
                {
                    start.SignalAndWait();
                    var present = new bool[1];
                    if (thread % 2 == 0)
                        await other.ContainsManyAsync(new[] { block.Hash }, present);
                    else
                        present[0] = await TestBlock.IsInAsync(other, block);
                    return present[0];
                },
                TaskCreationOptions.LongRunning).Unwrap()));
            Assert.DoesNotContain(false, seen);
        }
    }

    [Fact]
    public async Task Who_comes_late_sees_what_others_are_writing()
    {
        await using var writer = DataDirStore.Open(Root);
        await TestBlock.AddAsync(writer, _blocks[..50]);
        Directory.SetLastWriteTimeUtc(Path.Combine(Root, "packs"), DateTime.UnixEpoch.AddYears(50));
        await using var reader = DataDirStore.Open(Root, new DataDirOptions { IsReadOnly = true });
        foreach (var block in _blocks[..50])
            Assert.True(await TestBlock.IsInAsync(reader, block));
        await using var second = DataDirStore.Open(Root);
        Assert.Equal(0, (await TestBlock.AddAsync(second, _blocks[..50])).NewBlocks);
    }

    [Fact]
    public async Task A_pack_that_another_store_clears_away_before_its_maker_has_locked_it_is_made_anew()
    {
        var isCleared = false;
        var boundary = new WriteBoundary((step, path, isDone) =>
        {
            if (isCleared || !isDone || step != WriteStep.Create || !path.EndsWith(".new", StringComparison.Ordinal))
                return;
            isCleared = true;
            DataDirStore.Open(Root).DisposeAsync().AsTask().Wait();
            Assert.False(File.Exists(path));
        });
        await using var store = DataDirStore.Open(Root, new DataDirOptions { Boundary = boundary });
        await TestBlock.AddAsync(store, _blocks);
        await store.FlushAsync();
        Assert.True(isCleared);
        await using var other = DataDirStore.Open(Root, new DataDirOptions { IsReadOnly = true });
        foreach (var block in _blocks)
            Assert.True(await TestBlock.IsInAsync(other, block));
    }

    [Fact]
    public async Task Eight_stores_that_add_the_same_blocks_at_once_store_none_twice()
    {
        var counts = await Task.WhenAll(Enumerable.Range(0, 8).Select(number => Task.Run(async () =>
        {
            await using var store = DataDirStore.Open(Root);
            var mine = _blocks.ToArray();
            if (number % 2 == 1)
                new Random(number).Shuffle(mine);
            foreach (var batch in mine.Chunk(25))
                await TestBlock.AddAsync(store, batch);
            await store.FlushAsync();
            foreach (var block in mine)
                Assert.True(await TestBlock.IsInAsync(store, block));
            return store.Added;
        })));
        var added = counts.Aggregate((a, b) => a + b);
        Assert.Equal(8 * 400, added.NewBlocks + added.KnownBlocks);
        Assert.Equal(400, added.NewBlocks);
        var report = await new DataDirInspector(Root).VerifyAsync();
        Assert.True(report.Faults.Count == 0, string.Join('\n', report.Faults));
        Assert.Equal(added.NewBlocks, report.Blocks);
        Assert.Equal(added, new DataDirInspector(Root).GetInfo().Added);
    }

    [Fact]
    public async Task A_dead_writers_blocks_stay_and_its_pack_is_closed_by_the_next_writer()
    {
        var dead = false;
        var boundary = new WriteBoundary((_, path, _) =>
        {
            if (dead)
                throw new PosixException(Errno.EIO, "write", path);
        });
        await using (var store = DataDirStore.Open(Root, new DataDirOptions { Boundary = boundary }))
        {
            await TestBlock.AddAsync(store, _blocks[..50]);
            dead = true;
        }

        var open = Directory.GetFiles(Path.Combine(Root, "packs"), "*.open");
        Assert.Equal(2, open.Length);
        File.AppendAllText(open[0], new string('x', 5001));
        await using (var reader = DataDirStore.Open(Root, new DataDirOptions { IsReadOnly = true }))
        {
            foreach (var block in _blocks[..50])
                Assert.True(await TestBlock.IsInAsync(reader, block));
            Assert.Equal(50, await reader.EnumerateAsync().CountAsync());
            await Assert.ThrowsAsync<StoreUnavailableException>(() => TestBlock.AddAsync(reader, _blocks[..1]));
            await Assert.ThrowsAsync<StoreUnavailableException>(async () => await reader.TryMoveAsync("a", null, "1", ""));
            Assert.Equal(2, Directory.GetFiles(Path.Combine(Root, "packs"), "*.open").Length);
            await using var writer = DataDirStore.Open(Root);
            Assert.Empty(Directory.GetFiles(Path.Combine(Root, "packs"), "*.open"));
            foreach (var block in _blocks[..50])
                Assert.True(await TestBlock.IsInAsync(reader, block));
            Assert.Equal(350, (await TestBlock.AddAsync(writer, _blocks)).NewBlocks);
        }

        Assert.Empty((await new DataDirInspector(Root).VerifyAsync()).Faults);
    }

    [Fact]
    public async Task A_frame_that_was_seen_half_written_is_found_once_it_is_whole()
    {
        var isDead = false;
        var boundary = new WriteBoundary((_, path, _) =>
        {
            if (isDead)
                throw new PosixException(Errno.EIO, "write", path);
        });
        await using (var writer = DataDirStore.Open(Root, new DataDirOptions { Boundary = boundary }))
        {
            foreach (var batch in _blocks[..60].Chunk(10))
                await TestBlock.AddAsync(writer, batch);
            isDead = true;
        }

        var copy = _folder["copy"];
        Directory.CreateDirectory(Path.Combine(copy, "packs"));
        foreach (var file in Directory.GetFiles(Root))
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        var packs = Directory.GetFiles(Path.Combine(Root, "packs"), "*.open").ToDictionary(path => path, File.ReadAllBytes);
        await using var reader = DataDirStore.Open(copy, new DataDirOptions { IsReadOnly = true });
        for (var step = 0; step <= 50; step++)
        {
            foreach (var (path, bytes) in packs)
            {
                await using var growing = new FileStream(
                    Path.Combine(copy, "packs", Path.GetFileName(path)), FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
                await growing.WriteAsync(bytes.AsMemory((int)growing.Length..(bytes.Length * step / 50)));
            }

            await TestBlock.IsInAsync(reader, _blocks[^1]);
        }

        foreach (var block in _blocks[..60])
            Assert.True(await TestBlock.IsInAsync(reader, block));
    }

    [Fact]
    public async Task Stores_that_move_a_reference_at_once_take_turns()
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            await using var store = DataDirStore.Open(Root);
            for (var i = 0; i < 10; i++)
            {
                string? value;
                do
                    value = await store.ReadAsync("counter");
                while (!await store.TryMoveAsync("counter", value, $"{int.Parse(value ?? "0") + 1}", "up"));
            }
        })));
        await using var last = DataDirStore.Open(Root);
        Assert.Equal("40", await last.ReadAsync("counter"));
    }

    [Fact]
    public async Task The_index_may_go_at_any_time()
    {
        await using (var store = DataDirStore.Open(Root))
        {
            await TestBlock.AddAsync(store, _blocks[..200]);
            Directory.Delete(Path.Combine(Root, "index"), recursive: true);
            await TestBlock.AddAsync(store, _blocks[200..]);
            foreach (var block in _blocks)
                Assert.True(await TestBlock.IsInAsync(store, block));
        }

        if (Directory.Exists(Path.Combine(Root, "index")))
            Directory.Delete(Path.Combine(Root, "index"), recursive: true);
        await using var reopened = DataDirStore.Open(Root);
        foreach (var block in _blocks)
            Assert.True(await TestBlock.IsInAsync(reopened, block));
        Assert.Equal(0, (await TestBlock.AddAsync(reopened, _blocks)).NewBlocks);
    }

    [Fact]
    public void A_claim_ends_with_its_owner()
    {
        var path = _folder["claims"];
        using var first = new ClaimTable(path);
        Assert.False(first.HasOthers());
        using (var second = new ClaimTable(path))
        {
            Assert.True(second.HasOthers());
            Assert.True(first.HasOthers());
            foreach (var block in _blocks)
                Assert.True(second.TryClaim(block.Hash));
            foreach (var block in _blocks)
                Assert.False(first.TryClaim(block.Hash));
            second.Release(_blocks[0].Hash);
            Assert.True(first.TryClaim(_blocks[0].Hash));
        }

        Assert.False(first.HasOthers());
        foreach (var block in _blocks)
            Assert.True(first.TryClaim(block.Hash));
    }

    [Fact]
    public void Rubbish_among_the_claims_is_harmless()
    {
        var path = _folder["claims"];
        var rubbish = new byte[512 << 10];
        new Random(1).NextBytes(rubbish);
        File.WriteAllBytes(path, rubbish);
        using var table = new ClaimTable(path);
        Assert.False(table.HasOthers());
        foreach (var block in _blocks)
        {
            Assert.True(table.TryClaim(block.Hash));
            table.Release(block.Hash);
        }
    }
}
