using FsCheck;
using FsCheck.Fluent;
using Vt.Blocks.BlockTree;
using Vt.Blocks.Chunking;
using Vt.Blocks.Contracts;
using Vt.Files.BackedFiles;
using Vt.Files.Reading;
using Vt.Tests.BlockTree;

namespace Vt.Tests.Files.BackedFiles;

public class BackedFileTests
{
    const int Most = 60_000;

    [Fact]
    public void A_file_has_the_bytes_that_were_written_whatever_is_done_and_stored_meanwhile() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed => CheckAsync(seed).GetAwaiter().GetResult())
            .Check(Config.QuickThrowOnFailure.WithMaxTest(40));

    static async Task CheckAsync(int seed)
    {
        var random = new Random(seed);
        await using var model = new FileModel(random, random.Next(2) == 0 ? null : TestContent.Make(random, random.Next(Most)));
        var taken = new Dictionary<bool, (ContentSnapshot Snapshot, byte[] Bytes)>();
        for (var step = 0; step < 120; step++)
        {
            switch (random.Next(12))
            {
                case < 8:
                    await model.ChangeAsync(Most);
                    break;
                case < 10:
                    Take(random, model, taken);
                    break;
                default:
                    var isWhole = random.Next(2) == 0;
                    if (taken.Remove(isWhole, out var one))
                        await EndAsync(random, model, one.Snapshot, one.Bytes);
                    break;
            }

            await model.CheckAsync();
        }

        foreach (var (snapshot, bytes) in taken.Values)
            await EndAsync(random, model, snapshot, bytes);
        await model.CheckAsync();
        await CheckRestAsync(model);
    }

    static void Take(Random random, FileModel model, Dictionary<bool, (ContentSnapshot Snapshot, byte[] Bytes)> taken)
    {
        var isWhole = random.Next(2) == 0;
        if (taken.ContainsKey(isWhole))
            return;
        lock (model.File.Gate)
        {
            if (isWhole)
            {
                taken[true] = (model.File.Freeze(), [.. model.Bytes]);
                return;
            }

            if (!model.File.TryTakeSequential(1 + random.Next(5000), out var offset, out var length))
            {
                offset = random.Next(model.Bytes.Length + 1);
                length = random.NextInt64(model.Bytes.Length - offset + 1);
            }

            taken[false] = (model.File.Freeze(offset, length), model.Bytes[(int)offset..(int)(offset + length)]);
        }
    }

    static async Task EndAsync(Random random, FileModel model, ContentSnapshot snapshot, byte[] expected)
    {
        var read = new byte[expected.Length];
        Assert.Equal(expected.Length, await snapshot.ReadAsync(snapshot.Offset, read));
        Assert.True(expected.AsSpan().SequenceEqual(read), "a snapshot stays what it was");
        if (random.Next(5) == 0)
        {
            snapshot.Dispose();
            return;
        }

        var job = new StoreJob(snapshot, FileModel.Name);
        await model.Storer.StoreAsync([job]);
        Assert.True(job.IsDone);
        if (snapshot.IsWhole)
        {
            Assert.Equal(await model.WriteAfreshAsync(expected), job.Content);
            Assert.Equal(FileModel.HolesOf(expected), job.HoleSpan);
        }

        lock (model.File.Gate)
            model.File.Complete(snapshot, job.Content, random.Next(2) == 0 ? job.HoleSpan : null);
    }

    // Once all is stored, the file is clean and nothing is left in the log.
    static async Task CheckRestAsync(FileModel model)
    {
        ContentSnapshot last;
        lock (model.File.Gate)
            last = model.File.Freeze();
        var job = new StoreJob(last, FileModel.Name);
        await model.Storer.StoreAsync([job]);
        lock (model.File.Gate)
            model.File.Complete(last, job.Content, job.HoleSpan);
        last.Dispose();
        Assert.True(model.File.IsClean);
        Assert.Equal(0, model.Front.Held);
        Assert.Equal(FileModel.HolesOf(model.Bytes), await model.File.GetHoleSpanAsync());
        await model.CheckAsync();
    }

    [Fact]
    public async Task What_was_cut_off_never_comes_back()
    {
        await using var model = new FileModel(new Random(1), Bytes(11, 20_000));
        model.Write(15_000, Bytes(12, 10_000));
        model.Resize(5000);
        model.Resize(30_000);
        await model.CheckAsync();
        Assert.Equal(25_000, await model.File.GetHoleSpanAsync());
        Assert.Equal(0, model.Front.Held);
    }

    [Fact]
    public async Task Clearing_what_was_never_written_keeps_nothing_and_the_size()
    {
        await using var model = new FileModel(new Random(1), Bytes(13, 10_000));
        model.Resize(1_000_000);
        model.Write(500_000, Bytes(14, 100));
        model.Clear(20_000, 900_000_000);
        await model.CheckAsync();
        model.Resize(10_000);
        Assert.True(model.File.IsClean);
        Assert.Equal(0, model.Front.Held);
    }

    [Fact]
    public async Task A_snapshot_has_its_bytes_though_the_file_is_gone()
    {
        await using var model = new FileModel(new Random(1));
        model.Write(0, Bytes(15, 10_000));
        var expected = model.Bytes;
        ContentSnapshot snapshot;
        lock (model.File.Gate)
            snapshot = model.File.Freeze();
        model.File.Dispose();
        var read = new byte[10_000];
        Assert.Equal(10_000, await snapshot.ReadAsync(0, read));
        Assert.Equal(expected, read);
        Assert.Equal(10_000, model.Front.Held);
        snapshot.Dispose();
        snapshot.Dispose();
        Assert.Equal(0, model.Front.Held);
    }

    [Fact]
    public async Task What_is_written_and_overwritten_after_a_snapshot_is_let_go_of_at_once()
    {
        await using var model = new FileModel(new Random(1));
        model.Write(0, Bytes(16, 10_000));
        ContentSnapshot snapshot;
        lock (model.File.Gate)
            snapshot = model.File.Freeze();
        for (var i = 0; i < 10; i++)
            model.Write(2000, Bytes(17, 5000));
        Assert.Equal(15_000, model.Front.Held);
        Assert.Equal(15_000, model.File.FrontBytes);
        snapshot.Dispose();
        Assert.Equal(10_000, model.Front.Held);
    }

    [Fact]
    public async Task A_new_file_written_in_order_is_stored_bit_by_bit_and_needs_only_its_last_bytes_in_the_end()
    {
        await using var model = new FileModel(new Random(1));
        for (var round = 0; round < 4; round++)
        {
            for (var i = 0; i < 20; i++)
                model.Write(model.Bytes.Length, Bytes((round * 100) + i, 5000));
            long offset, length;
            ContentSnapshot range;
            lock (model.File.Gate)
            {
                Assert.False(model.File.TryTakeSequential(100_001, out _, out _));
                Assert.True(model.File.TryTakeSequential(100_000, out offset, out length));
                Assert.Equal((round * 100_000L, 100_000L), (offset, length));
                range = model.File.Freeze(offset, length);
                Assert.False(model.File.TryTakeSequential(1, out _, out _));
            }

            var before = range.Before?.Content ?? BlockRef.Empty;
            var stored = await model.Storer.AppendAsync(before, range, FileModel.Name);
            Assert.Equal(await model.WriteAfreshAsync(model.Bytes), stored);
            lock (model.File.Gate)
                model.File.Complete(range, stored);
            Assert.Equal(0, model.Front.Held);
            await model.CheckAsync();
        }

        model.Write(model.Bytes.Length, Bytes(99, 10));
        await CheckRestAsync(model);
    }

    [Fact]
    public async Task A_range_that_is_stored_while_the_whole_is_being_stored_does_not_count_as_changed()
    {
        await using var model = new FileModel(new Random(1));
        model.Write(0, Bytes(21, 100_000));
        ContentSnapshot range, whole;
        lock (model.File.Gate)
        {
            range = model.File.Freeze(0, 60_000);
            whole = model.File.Freeze();
        }

        StoreJob[] jobs = [new(range, FileModel.Name), new(whole, FileModel.Name)];
        await model.Storer.StoreAsync(jobs);
        lock (model.File.Gate)
        {
            model.File.Complete(range, jobs[0].Content);
            Assert.False(model.File.IsClean);
            model.File.Complete(whole, jobs[1].Content);
            Assert.True(model.File.IsClean);
        }

        Assert.Equal(0, model.Front.Held);
        await model.CheckAsync();
    }

    [Fact]
    public async Task A_copy_has_its_own_hold_on_the_bytes()
    {
        await using var model = new FileModel(new Random(1), Bytes(31, 5000));
        model.Write(2000, Bytes(32, 1000));
        var copy = new BackedFile(model.Sources, BlockRef.Empty);
        var sources = model.File.Sources(1500, long.MaxValue);
        lock (copy.Gate)
            copy.PutAll(sources, -1500, 1);
        var expected = model.Bytes[1500..];
        model.File.Dispose();
        var read = new byte[expected.Length];
        Assert.Equal(expected.Length, await copy.ReadAsync(0, read));
        Assert.Equal(expected, read);
        copy.Dispose();
        Assert.Equal(0, model.Front.Held);
    }

    [Fact]
    public async Task A_missing_block_is_an_error_and_only_for_who_reads_it()
    {
        var store = new CountingStore();
        var front = new MemoryFront();
        using var sources = new ContentSources(store, front, new ReadAheadBudget(1 << 20));
        await using var writer = new BlockTreeWriter(store, new Chunker(store.Chunking));
        await writer.WriteAsync(Bytes(41, 1 << 20));
        var root = await writer.CompleteAsync();
        var leaves = (await IndirectNode.LoadAsync(store, root)).Children.ToArray();
        store.Damage(leaves[0].Hash, null);
        var file = new BackedFile(sources, root, 0);
        lock (file.Gate)
            file.Write(0, 100, front.Append(Bytes(42, 100)), 1);
        var read = new byte[1000];
        await Assert.ThrowsAsync<BlockMissingException>(async () => await file.ReadAsync(50, read));
        Assert.Equal(100, await file.ReadAsync(0, read.AsMemory(0, 100)));
        Assert.Equal(1000, await file.ReadAsync(leaves[0].Span, read));
        Assert.Equal(100, front.Held);
    }

    [Fact]
    public async Task A_long_file_reads_the_same_in_order_and_here_and_there()
    {
        var random = new Random(43);
        await using var model = new FileModel(random, Bytes(44, 4 << 20));
        for (var round = 0; round < 2; round++)
        {
            for (var i = 0; i < 40; i++)
                model.Write(random.Next(4 << 20), Bytes(i, random.Next(20_000)));
            model.Clear(random.Next(4 << 20), 100_000);
            var read = new byte[model.Bytes.Length];
            for (var at = 0; at < read.Length; at += 64 << 10)
                await model.File.ReadAsync(at, read.AsMemory(at, Math.Min(64 << 10, read.Length - at)));
            Assert.True(model.Bytes.AsSpan().SequenceEqual(read), "the file has the model's bytes");
            for (var i = 0; i < 50; i++)
            {
                var at = random.Next(model.Bytes.Length - 10_000);
                Assert.Equal(10_000, await model.File.ReadAsync(at, read.AsMemory(0, 10_000)));
                Assert.True(model.Bytes.AsSpan(at, 10_000).SequenceEqual(read.AsSpan(0, 10_000)), "a part of it does too");
            }

            await CheckRestAsync(model);
        }
    }

    [Fact]
    public async Task What_is_appended_to_a_stored_file_in_order_may_be_stored_early_as_well()
    {
        await using var model = new FileModel(new Random(1), Bytes(61, 50_000));
        model.Write(50_000, Bytes(62, 30_000));
        model.Write(80_000, Bytes(63, 30_000));
        ContentSnapshot range;
        lock (model.File.Gate)
        {
            Assert.True(model.File.TryTakeSequential(60_000, out var offset, out var length));
            Assert.Equal((50_000, 60_000), (offset, length));
            range = model.File.Freeze(offset, length);
        }

        // Meanwhile something at the very beginning and in the range changes.
        model.Write(0, Bytes(64, 10));
        model.Clear(60_000, 100);
        var job = new StoreJob(range, FileModel.Name);
        await model.Storer.StoreAsync([job]);
        Assert.Equal(110_000, job.Content.Span);
        lock (model.File.Gate)
            model.File.Complete(range, job.Content, job.HoleSpan);
        await model.CheckAsync();
        Assert.Equal(10, model.Front.Held);
        await CheckRestAsync(model);
    }

    [Fact]
    public async Task A_file_that_is_replaced_while_it_is_being_stored_keeps_its_new_content()
    {
        await using var model = new FileModel(new Random(1), Bytes(71, 20_000));
        model.Write(100, Bytes(72, 500));
        ContentSnapshot whole;
        lock (model.File.Gate)
            whole = model.File.Freeze();
        await model.ReplaceAsync(Bytes(73, 20_000));
        model.Write(5, Bytes(74, 10));
        var job = new StoreJob(whole, FileModel.Name);
        await model.Storer.StoreAsync([job]);
        lock (model.File.Gate)
            model.File.Complete(whole, job.Content);
        Assert.Equal(10, model.Front.Held);
        await model.CheckAsync();
        await CheckRestAsync(model);
    }

    [Fact]
    public async Task Holes_are_counted_exactly_while_a_sparse_file_is_overwritten_and_cloned()
    {
        var content = new byte[200_000];
        Bytes(81, 50_000).CopyTo(content, 0);
        await using var model = new FileModel(new Random(1), content);
        Assert.Equal(150_000, await model.File.GetHoleSpanAsync());
        model.Write(100_000, Bytes(82, 10_000));
        Assert.Equal(140_000, await model.File.GetHoleSpanAsync());
        model.Write(100_000, Bytes(83, 10_000));
        model.Clear(20_000, 10_000);
        Assert.Equal(150_000, await model.File.GetHoleSpanAsync());
        model.Resize(300_000);
        model.Clone(40_000, 30_000, 250_000);
        Assert.Equal(240_000, await model.File.GetHoleSpanAsync());
        model.Write(255_000, Bytes(84, 10_000));
        Assert.Equal(235_000, await model.File.GetHoleSpanAsync());
        model.Resize(120_000);
        Assert.Equal(70_000, await model.File.GetHoleSpanAsync());
        await CheckRestAsync(model);
    }

    [Fact]
    public async Task A_read_of_bytes_in_the_log_completes_at_once()
    {
        await using var model = new FileModel(new Random(1));
        model.Write(0, Bytes(51, 10_000));
        model.Resize(20_000);
        var reading = model.File.ReadAsync(0, new byte[20_000]);
        Assert.True(reading.IsCompleted);
        Assert.Equal(20_000, await reading);
    }

    [Fact]
    public async Task Readers_see_only_bytes_that_were_there_while_the_file_is_overwritten_and_stored()
    {
        const int Block = 4096;
        const int Blocks = 64;
        await using var model = new FileModel(new Random(1), new byte[Block * Blocks]);
        var file = model.File;
        var versions = new int[Blocks];
        var isDone = false;
        void Put(int block)
        {
            var version = Volatile.Read(ref versions[block]) + 1;
            var bytes = new byte[Block];
            bytes.AsSpan().Fill((byte)(1 + (((version * 7) + block) % 100)));
            var place = model.Front.Append(bytes);
            lock (file.Gate)
            {
                file.Write(block * Block, Block, place, (uint)version);
                Volatile.Write(ref versions[block], version);
            }
        }

        async Task ReadAsync(int seed)
        {
            var random = new Random(seed);
            var read = new byte[Block * 8];
            while (!Volatile.Read(ref isDone))
            {
                var first = random.Next(Blocks - 8);
                var lowest = versions.AsSpan(first, 8).ToArray();
                Assert.Equal(read.Length, await file.ReadAsync(first * Block, read));
                for (var i = 0; i < 8; i++)
                {
                    var block = read.AsMemory(i * Block, Block);
                    Assert.True(block.Span.IndexOfAnyExcept(block.Span[0]) < 0, "a block is of one write");
                    var highest = Volatile.Read(ref versions[first + i]) + 1;
                    var isKnown = lowest[i] == 0 && block.Span[0] == 0;
                    for (var version = Math.Max(1, lowest[i]); version <= highest && !isKnown; version++)
                        isKnown = block.Span[0] == 1 + (((version * 7) + first + i) % 100);
                    Assert.True(isKnown, "a block has bytes that it had since the read began");
                }
            }
        }

        async Task StoreAsync()
        {
            while (!Volatile.Read(ref isDone))
            {
                ContentSnapshot snapshot;
                lock (file.Gate)
                    snapshot = file.Freeze();
                var job = new StoreJob(snapshot, FileModel.Name);
                await model.Storer.StoreAsync([job]);
                lock (file.Gate)
                    file.Complete(snapshot, job.Content, job.HoleSpan);
            }
        }

        Task[] others = [Task.Run(() => ReadAsync(1)), Task.Run(() => ReadAsync(2)), Task.Run(StoreAsync)];
        var random = new Random(3);
        for (var i = 0; i < 4000 && !others.Any(static task => task.IsCompleted); i++)
            Put(random.Next(Blocks));
        Volatile.Write(ref isDone, true);
        await Task.WhenAll(others);
        file.Dispose();
        Assert.Equal(0, model.Front.Held);
    }

    static byte[] Bytes(int seed, int length)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
