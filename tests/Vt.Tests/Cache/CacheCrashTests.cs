using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Posix;
using Vt.Stores.Cache;
using Vt.Stores.Memory;
using Vt.Tests.Support;

namespace Vt.Tests.Cache;

/// <summary>Processes that end at every write boundary of the queue, with and without the loss of what was not synced.</summary>
public sealed class CacheCrashTests : IDisposable
{
    static readonly CacheOptions _options = new()
    {
        MostBytes = CacheOptions.SmallestSize,
        IsWriteback = true,
        SendDelay = TimeSpan.FromDays(1),
        Linger = TimeSpan.Zero,
        SegmentSize = 128 << 10,
    };

    readonly TempFolder _folder = new(inMemory: true);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_process_may_end_at_every_boundary(bool losesPower)
    {
        var boundary = 1;
        for (var hasFailed = true; hasFailed; boundary++)
        {
            var session = new Session(_folder[$"crash{boundary}"], boundary, losesPower);
            hasFailed = await session.RunAsync();
            await session.CheckAsync();
        }

        Assert.InRange(boundary, 60, 400);
    }

    /// <summary>Adds, flushes, moves a reference and sends, until the disk fails; then everything that was confirmed has to get to the store behind.</summary>
    sealed class Session(string path, int failing, bool losesPower)
    {
        readonly TestBlock[] _blocks = TestBlock.Many(HashAlgorithms.GetHasher(HashAlgorithms.Default), 7, 40, 20_000);
        readonly MemoryStore _far = new();
        readonly Dictionary<string, long> _durable = new(StringComparer.Ordinal);
        readonly HashSet<string> _unnamed = new(StringComparer.Ordinal);
        int _crossings;
        int _flushed;
        int _moved;
        bool _hasFailed;

        public async Task<bool> RunAsync()
        {
            try
            {
                await using var queue = new CacheStore(path, _far, _options with { Boundary = new WriteBoundary(Cross) });
                for (var i = 0; i < 5; i++)
                {
                    await TestBlock.AddAsync(queue, _blocks[(i * 8)..((i + 1) * 8)]);
                    await queue.FlushAsync();
                    _flushed = (i + 1) * 8;
                    Assert.True(await queue.TryMoveAsync("live", i == 0 ? null : $"{i - 1}", $"{i}", "next"));
                    _moved = i + 1;
                    if (i % 2 == 1)
                        await queue.CatchUpAsync();
                }
            }
            catch (StoreUnavailableException)
            {
                // What was to be shown.
            }

            if (losesPower && _hasFailed)
                LosePower(new Random(failing));
            return _hasFailed;
        }

        public async Task CheckAsync()
        {
            await using (var queue = new CacheStore(path, _far, _options))
            {
                foreach (var block in _blocks[.._flushed])
                    Assert.True(await TestBlock.IsInAsync(queue, block), $"boundary {failing}: {block.Hash} is gone");
                var value = await queue.ReadAsync("live");
                Assert.Contains(value, (string?[])[_moved == 0 ? null : $"{_moved - 1}", $"{_moved}"]);
                await TestBlock.AddAsync(queue, _blocks);
                await queue.FlushAsync();
                Assert.True(await queue.TryMoveAsync("live", value, "end", "again"));
                await queue.CatchUpAsync();
                Assert.Equal(0, queue.GetLag()!.Conflicts);
            }

            Assert.Equal("end", await _far.ReadAsync("live"));
            foreach (var block in _blocks)
                Assert.True(await TestBlock.IsInAsync(_far, block), $"boundary {failing}: {block.Hash} never arrived");
        }

        void Cross(WriteStep step, string file, bool isDone)
        {
            _hasFailed |= ++_crossings >= failing;
            if (_hasFailed)
                throw new PosixException(Errno.EIO, step.ToString(), file);
            if (!isDone)
                return;
            if (step == WriteStep.SyncFile)
                _durable[file] = new FileInfo(file).Length;
            if (step == WriteStep.Create && file.EndsWith(".open", StringComparison.Ordinal))
                _unnamed.Add(file);
            if (step == WriteStep.SyncFolder)
                _unnamed.Clear();
        }

        /// <summary>Drops what was not durable, and the table, of which nothing is promised: all of it, or what it says of the start of the machine.</summary>
        void LosePower(Random random)
        {
            foreach (var file in Directory.GetFiles(Path.Combine(path, "packs"), "*.open"))
            {
                if (_unnamed.Contains(file) && random.Next(2) == 0)
                {
                    File.Delete(file);
                    continue;
                }

                using var handle = File.OpenHandle(file, FileMode.Open, FileAccess.ReadWrite);
                var length = RandomAccess.GetLength(handle);
                var durable = Math.Min(_durable.GetValueOrDefault(file), length);
                if (random.Next(2) == 0)
                    RandomAccess.SetLength(handle, random.NextInt64(durable, length + 1));
                else if (length > durable)
                    RandomAccess.Write(handle, new byte[length - durable], durable);
            }

            var table = Path.Combine(path, "table");
            if (!File.Exists(table))
                return;
            if (random.Next(2) == 0)
            {
                File.Delete(table);
                return;
            }

            using var state = File.OpenHandle(table, FileMode.Open, FileAccess.ReadWrite);
            RandomAccess.Write(state, new byte[8], 8);
        }
    }
}
