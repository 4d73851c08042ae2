using Vt.Blocks.Contracts;
using Vt.Posix;
using Vt.Stores.DataDir;
using Vt.Stores.DataDir.Inspection;
using Vt.Tests.Support;

namespace Vt.Tests.DataDir;

/// <summary>Writers that end at every write boundary, with and without the loss of what was not synced.</summary>
public sealed class CrashTests : IDisposable
{
    readonly TempFolder _folder = new(inMemory: true);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_writer_may_end_at_every_boundary()
    {
        for (var boundary = 1; ; boundary++)
        {
            var store = _folder[$"kill{boundary}"];
            var disk = new FailingDisk(boundary);
            var session = new Session(store);
            await session.RunAsync(disk);
            await using (DataDirStore.Open(store))
            {
            }

            // Whoever comes next and adds nothing leaves a store that is sound.
            var report = await new DataDirInspector(store).VerifyAsync();
            Assert.True(report.Faults.Count == 0, $"boundary {boundary}: {string.Join('\n', report.Faults)}");
            await session.CheckAsync();
            if (!disk.HasFailed)
            {
                Assert.InRange(boundary, 60, 300);
                break;
            }
        }
    }

    [Fact]
    public async Task Power_may_fail_at_every_boundary()
    {
        for (var boundary = 1; ; boundary++)
        {
            var store = _folder[$"power{boundary}"];
            var disk = new FailingDisk(boundary);
            var session = new Session(store);
            await session.RunAsync(disk);
            disk.LosePower(store, new Random(boundary));
            await session.CheckAsync();
            if (!disk.HasFailed)
            {
                Assert.InRange(boundary, 60, 300);
                break;
            }
        }
    }

    [Fact]
    public async Task A_full_disk_is_said_and_what_was_flushed_stays()
    {
        var path = _folder["full"];
        DataDirStore.Initialise(path);
        var isFull = false;
        var boundary = new WriteBoundary((step, file, _) =>
        {
            if (isFull && step == WriteStep.Write)
                throw new PosixException(Errno.ENOSPC, "pwrite", file);
        });
        var blocks = TestBlock.Many(Hasher, 1, 30);
        await using (var store = DataDirStore.Open(path, new DataDirOptions { Boundary = boundary }))
        {
            await TestBlock.AddAsync(store, blocks[..20]);
            await store.FlushAsync();
            isFull = true;
            await Assert.ThrowsAsync<StoreFullException>(() => TestBlock.AddAsync(store, blocks));
            isFull = false;
            await Assert.ThrowsAsync<StoreFullException>(() => TestBlock.AddAsync(store, blocks));
            await Assert.ThrowsAsync<StoreFullException>(async () => await store.FlushAsync());
            Assert.True(await TestBlock.IsInAsync(store, blocks[0]));
        }

        await using (var store = DataDirStore.Open(path))
        {
            foreach (var block in blocks[..20])
                Assert.True(await TestBlock.IsInAsync(store, block));
            Assert.Equal(10, (await TestBlock.AddAsync(store, blocks)).NewBlocks);
        }

        Assert.Empty((await new DataDirInspector(path).VerifyAsync()).Faults);
    }

    [Fact]
    public async Task A_failed_sync_is_not_tried_again()
    {
        var path = _folder["sync"];
        DataDirStore.Initialise(path);
        var fails = false;
        var boundary = new WriteBoundary((step, file, _) =>
        {
            if (fails && step == WriteStep.SyncFile)
                throw new PosixException(Errno.EIO, "fdatasync", file);
        });
        var blocks = TestBlock.Many(Hasher, 1, 5);
        await using var store = DataDirStore.Open(path, new DataDirOptions { Boundary = boundary });
        await TestBlock.AddAsync(store, blocks);
        fails = true;
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.FlushAsync());
        fails = false;
        var again = await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.FlushAsync());
        Assert.Contains("fdatasync", again.Message, StringComparison.Ordinal);
        Assert.True(await TestBlock.IsInAsync(store, blocks[0]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_relies_on_a_tree_of_another_process_makes_durable_what_is_below_it_too(bool isReadOnly)
    {
        for (var seed = 0; seed < 12; seed++)
        {
            var path = _folder[$"relied{isReadOnly}{seed}"];
            DataDirStore.Initialise(path);
            var disk = new FailingDisk(int.MaxValue);
            var blocks = TestBlock.Many(Hasher, seed, 12, 12_000).Select(static block => block with { Content = BlockContent.Data }).ToArray();
            var tree = TestBlock.Of(Hasher, blocks[0].Hash.Digest.ToArray(), BlockContent.Tree);
            await using (var writer = DataDirStore.Open(path, new DataDirOptions { Boundary = disk.Boundary }))
            await using (var other = DataDirStore.Open(path, new DataDirOptions { Boundary = disk.Boundary, IsReadOnly = isReadOnly }))
            {
                // The tree goes to a pack of its own, which is there before the one that what is below it goes to.
                await TestBlock.AddAsync(writer, TestBlock.Of(Hasher, [1], BlockContent.Tree));
                Assert.False(await TestBlock.IsInAsync(other, tree));
                await TestBlock.AddAsync(writer, blocks);
                await TestBlock.AddAsync(writer, tree);
                var present = new bool[1];
                await other.ContainsManyAsync(new[] { tree.Hash }, present);
                Assert.True(present[0]);
                await other.FlushAsync();
                disk.Fail();
            }

            disk.LosePower(path, new Random(seed));
            await using var reopened = DataDirStore.Open(path);
            foreach (var block in blocks.Append(tree))
                Assert.True(await TestBlock.IsInAsync(reopened, block), $"seed {seed}");
        }
    }

    static Blocks.Hashing.BlockHasher Hasher => Blocks.Hashing.HashAlgorithms.GetHasher(Blocks.Hashing.HashAlgorithms.Default);

    /// <summary>A disk that fails from some boundary on, and remembers what was durable then.</summary>
    sealed class FailingDisk(int failing)
    {
        readonly Lock _gate = new();
        readonly Dictionary<string, long> _durable = new(StringComparer.Ordinal);
        readonly HashSet<string> _unnamed = new(StringComparer.Ordinal);
        int _crossings;

        public bool HasFailed { get; private set; }

        public WriteBoundary Boundary => new(Cross);

        /// <summary>Fails from now on.</summary>
        public void Fail()
        {
            lock (_gate)
                HasFailed = true;
        }

        /// <summary>Drops what was not durable: whole new files, or their bytes behind the last sync, or some pages of them.</summary>
        public void LosePower(string store, Random random)
        {
            foreach (var path in Directory.GetFiles(Path.Combine(store, "packs")))
            {
                var name = Path.GetFileNameWithoutExtension(path);
                if (path.EndsWith(".vtd", StringComparison.Ordinal))
                    continue;
                if (_unnamed.Contains(name) && random.Next(2) == 0)
                {
                    File.Delete(path);
                    continue;
                }

                using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
                var length = RandomAccess.GetLength(file);
                var durable = Math.Min(_durable.GetValueOrDefault(name), length);
                if (random.Next(2) == 0)
                    RandomAccess.SetLength(file, random.NextInt64(durable, length + 1));
                else if (length > durable)
                    Zero(file, random.NextInt64(durable, length), length);
            }
        }

        static void Zero(Microsoft.Win32.SafeHandles.SafeFileHandle file, long start, long end) =>
            RandomAccess.Write(file, new byte[Math.Min(4096, end - start)], start);

        void Cross(WriteStep step, string path, bool isDone)
        {
            lock (_gate)
            {
                HasFailed |= ++_crossings >= failing;
                if (HasFailed)
                    throw new PosixException(Errno.EIO, step.ToString(), path);
                if (!isDone)
                    return;
                var name = Path.GetFileNameWithoutExtension(path);
                if (step == WriteStep.SyncFile)
                    _durable[name] = new FileInfo(path).Length;
                if (step == WriteStep.Create && path.EndsWith(".new", StringComparison.Ordinal))
                    _unnamed.Add(name);
                if (step == WriteStep.SyncFolder)
                    _unnamed.Clear();
            }
        }
    }

    /// <summary>Adds, flushes and moves a reference until the disk fails; then checks that all that was confirmed is there.</summary>
    sealed class Session(string path)
    {
        readonly TestBlock[] _blocks = TestBlock.Many(Hasher, 7, 24, 12_000);
        int _flushed;
        int _moved;

        public async Task RunAsync(FailingDisk disk)
        {
            DataDirStore.Initialise(path, new DataDirConfig { PackSize = DataDirConfig.SmallestPack });
            try
            {
                await using var store = DataDirStore.Open(path, new DataDirOptions { Boundary = disk.Boundary });
                for (var i = 0; i < 3; i++)
                {
                    await TestBlock.AddAsync(store, _blocks[(i * 8)..((i + 1) * 8)]);
                    await store.FlushAsync();
                    _flushed = (i + 1) * 8;
                    Assert.True(await store.TryMoveAsync("live", i == 0 ? null : $"{i - 1}", $"{i}", "next"));
                    _moved = i + 1;
                }
            }
            catch (StoreUnavailableException)
            {
                // What was to be shown.
            }
        }

        public async Task CheckAsync()
        {
            await using (var store = DataDirStore.Open(path))
            {
                foreach (var block in _blocks[.._flushed])
                    Assert.True(await TestBlock.IsInAsync(store, block));
                foreach (var block in _blocks[_flushed..])
                    await TestBlock.IsInAsync(store, block);
                var value = await store.ReadAsync("live");
                Assert.Contains(value, (string?[])[_moved == 0 ? null : $"{_moved - 1}", $"{_moved}"]);
                await TestBlock.AddAsync(store, _blocks);
                await store.FlushAsync();
                Assert.True(await store.TryMoveAsync("live", value, "end", "again"));
            }

            var report = await new DataDirInspector(path).VerifyAsync();
            Assert.True(report.Faults.Count == 0, string.Join('\n', report.Faults));
            Assert.True(report.Blocks >= _blocks.Length);
            await using var reopened = DataDirStore.Open(path);
            foreach (var block in _blocks)
                Assert.True(await TestBlock.IsInAsync(reopened, block));
        }
    }
}
