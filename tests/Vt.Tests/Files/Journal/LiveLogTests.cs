using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Files.Journal;
using Vt.Posix;

namespace Vt.Tests.Files.Journal;

public sealed class LiveLogTests : IDisposable
{
    readonly LogFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_was_appended_is_replayed_in_order()
    {
        await using (var log = _folder.Open())
        {
            Assert.Equal(1u, log.Epoch);
            for (var i = 0; i < 5000; i++)
                Assert.Equal(i + 1, log.Append(LogFolder.Text($"record {i}")));
            await log.CommitAsync(log.LastSequence);
            Assert.Equal(5000, log.DurableSequence);
        }

        await using (_folder.Open())
            Assert.Equal(Enumerable.Range(0, 5000).Select(i => $"record {i}"), _folder.Replayed);
        await using (_folder.Open())
            Assert.Equal(5000, _folder.Replayed.Count);
    }

    [Fact]
    public async Task Data_can_be_read_at_once_and_after_opening_again()
    {
        var places = new List<(LogPlace Place, byte[] Data)>();
        await using (var log = _folder.Open())
        {
            for (var i = 0; i < 300; i++)
            {
                var data = LogFolder.Text(new string((char)('a' + (i % 26)), 1 + (i * 7 % 3000)));
                log.Append(LogFolder.Text($"{i}"), data, out var place);
                places.Add((place, data));
                Check(log, places[^1]);
                Check(log, places[i / 2]);
            }

            Assert.Equal(places.Sum(p => p.Data.Length), log.HeldBytes);
        }

        await using (var log = _folder.Open(also: Keep))
        {
            Assert.Equal(300, _folder.Replayed.Count);
            Assert.All(places, held => Check(log, held));
            foreach (var (place, data) in places)
                log.Release(place, data.Length);
            Assert.Equal(0, log.HeldBytes);
        }

        static bool Keep(LiveLog log, in LogRecord record)
        {
            log.Retain(record.Data, record.DataLength);
            return true;
        }
    }

    [Fact]
    public async Task Bulk_data_is_read_where_it_was_written_and_its_file_goes_when_nobody_holds_it()
    {
        var data = new byte[100_000];
        new Random(1).NextBytes(data);
        await using var log = _folder.Open();
        var places = new List<LogPlace>();
        for (var i = 0; i < 5; i++)
        {
            places.Add(log.WriteBulk(data, out var checksum));
            Assert.Equal(Crc32C.Compute(data), checksum);
            await log.CommitAsync(log.Append(LogFolder.Text("names it")));
        }

        Assert.Equal(3, _folder.Files("data-*").Length);
        foreach (var place in places)
        {
            var read = new byte[data.Length];
            log.Read(place, read);
            Assert.Equal(data, read);
            log.Release(place, data.Length);
        }

        Assert.Equal(3, _folder.Files("data-*").Length);
        await log.CommitAsync(log.Append(LogFolder.Text("takes their place")));
        Assert.Empty(_folder.Files("data-*"));
        Assert.Equal(0, log.HeldBytes);
    }

    [Fact]
    public async Task Epochs_may_end_faster_than_their_records_are_written()
    {
        await using (var log = _folder.Open())
        {
            for (var epoch = 1u; epoch <= 12; epoch++)
            {
                log.Append(LogFolder.Text($"in {epoch}"));
                Assert.Equal(epoch + 1, log.BeginEpoch());
                log.EndEpochsBefore(epoch + 1);
            }

            log.Append(LogFolder.Text("last"));
            await log.CommitAsync(log.LastSequence);
        }

        await using (var log = _folder.Open(firstEpoch: 13))
            Assert.Equal(["last"], _folder.Replayed);
    }

    [Fact]
    public async Task What_waits_when_an_epoch_ends_is_not_written_to_the_disk_for_that()
    {
        var synced = new List<string>();
        var log = _folder.Open(LogFolder.Small with
        {
            CheapSync = 50_000,
            Boundary = LogFolder.Told((step, path, isDone) =>
            {
                if (step == WriteStep.SyncFile && isDone && Path.GetFileName(path).StartsWith("data-", StringComparison.Ordinal))
                    synced.Add(path);
            }),
        });
        await using (log)
        {
            // Long before the checkpoint, and while it stores that; then what it stored is let go of. A record that names it may be durable.
            var (before, length) = (log.WriteBulk(new byte[150_000], out _), 150_000);
            await log.CommitAsync(log.Append(LogFolder.Text("names what was before")));
            synced.Clear();
            var epoch = log.BeginEpoch();
            var since = log.WriteBulk(LogFolder.Text(new string('s', length)), out _);
            log.Append(LogFolder.Text("names what came since"));
            log.Release(before, length);
            log.EndEpochsBefore(epoch);
            Assert.Empty(synced);
            Assert.Equal(2, _folder.Files("data-*").Length);

            // It goes with the next one, and what is held is durable once somebody wants it to be.
            epoch = log.BeginEpoch();
            log.EndEpochsBefore(epoch);
            Assert.Empty(synced);
            await log.CommitAsync(log.Append(LogFolder.Text("last")));
            Assert.Equal(_folder.Files("data-*"), synced);
            Assert.Single(synced);
            Check(log, (since, LogFolder.Text(new string('s', length))));

            // Where it is cheap, or room is short, that happens at once.
            log.Release(since, length);
            var more = log.WriteBulk(new byte[length], out _);
            log.Append(LogFolder.Text("takes its place"));
            epoch = log.BeginEpoch();
            log.EndEpochsBefore(epoch, isRoomShort: true);
            Assert.Single(_folder.Files("data-*"));
            var last = log.WriteBulk(new byte[length], out _);
            log.Release(more, length);
            log.Release(last, length);
            epoch = log.BeginEpoch();
            log.EndEpochsBefore(epoch);
            Assert.Empty(_folder.Files("data-*"));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_nobody_needs_and_no_sync_has_met_goes_without_one(bool isAtAnEpochsEnd)
    {
        var (synced, length) = (0, 200_000);
        var log = _folder.Open(LogFolder.Small with { CheapSync = 0, Boundary = LogFolder.Told((step, path, _) => synced += step == WriteStep.SyncFile && path.Contains("/data-", StringComparison.Ordinal) ? 1 : 0) });
        await using (log)
        {
            // A large file's bytes are stored while more of it waits.
            var done = log.WriteBulk(new byte[length], out var checksum);
            var waits = log.WriteBulk(LogFolder.Text(new string('w', length)), out _);
            log.Append(LogFolder.Text("names both"));
            log.Release(done, length);
            log.Append(LogFolder.Text("takes the place of the first"));
            log.WriteOut();
            synced = 0;
            if (isAtAnEpochsEnd)
                log.EndEpochsBefore(log.BeginEpoch());
            else
                log.DropUnsynced();
            Assert.Equal(0, synced);
            Assert.Equal(waits.Segment, Number(Assert.Single(_folder.Files("data-*"))));
            Check(log, (waits, LogFolder.Text(new string('w', length))));

            // Who dies now has lost nothing.
            var copy = _folder.Copy();
            await using (_folder.Open(folder: copy, firstEpoch: log.Epoch, also: (LiveLog opened, in LogRecord _) => opened.VerifyBulk(done, length, checksum)))
                Assert.Equal(isAtAnEpochsEnd ? [] : ["names both", "takes the place of the first"], _folder.Replayed);

            // What a sync has met may be named by a durable record: that goes with the next sync, as the record that says so does.
            await log.CommitAsync(log.LastSequence);
            log.Release(waits, length);
            log.DropUnsynced();
            Assert.Single(_folder.Files("data-*"));
            await log.CommitAsync(log.Append(LogFolder.Text("takes the place of the second")));
            Assert.Empty(_folder.Files("data-*"));
        }

        static uint Number(string path) => uint.Parse(Path.GetFileNameWithoutExtension(path).AsSpan("data-".Length), System.Globalization.NumberStyles.HexNumber);
    }

    [Fact]
    public async Task Records_know_their_epoch_and_epochs_that_are_not_needed_are_not_replayed()
    {
        await using (var log = _folder.Open())
        {
            for (var epoch = 1u; epoch <= 4; epoch++)
            {
                Assert.Equal(epoch, log.Epoch);
                log.Append(LogFolder.Text($"in {epoch}"));
                if (epoch < 4)
                    Assert.Equal(epoch + 1, log.BeginEpoch());
            }

            await log.CommitAsync(log.LastSequence);
            log.EndEpochsBefore(3);
        }

        await using (var log = _folder.Open(firstEpoch: 3))
        {
            Assert.Equal(["in 3", "in 4"], _folder.Replayed);
            Assert.Equal([3u, 4u], _folder.Epochs);
            Assert.Equal(4u, log.Epoch);
            log.Append(LogFolder.Text("more in 4"));
        }

        await using (var log = _folder.Open(firstEpoch: 4))
            Assert.Equal(["in 4", "more in 4"], _folder.Replayed);
        await using (var log = _folder.Open(firstEpoch: 9))
        {
            Assert.Empty(_folder.Replayed);
            Assert.Equal(9u, log.Epoch);
        }
    }

    [Fact]
    public async Task Many_threads_find_what_they_committed_after_a_crash_at_any_moment()
    {
        const int Threads = 8;
        var committed = new int[Threads];
        var log = _folder.Open();
        var writers = Enumerable.Range(0, Threads).Select(thread => Task.Run(async () =>
        {
            var random = new Random(thread);
            for (var i = 1; i <= 400; i++)
            {
                var sequence = log.Append(LogFolder.Text($"{thread} {i}"), new byte[random.Next(200)].AsSpan(), out _);
                if (random.Next(4) != 0)
                    continue;
                await log.CommitAsync(sequence);
                Volatile.Write(ref committed[thread], i);
            }
        })).ToArray();
        var all = Task.WhenAll(writers);
        var crashes = new List<(int[] Committed, string Folder)>();
        while (!all.IsCompleted && crashes.Count < 5)
        {
            var known = Enumerable.Range(0, Threads).Select(t => Volatile.Read(ref committed[t])).ToArray();
            lock (crashes)
                crashes.Add((known, _folder.Copy()));
            await Task.Yield();
        }

        await all;
        await log.DisposeAsync();
        foreach (var (known, folder) in crashes)
        {
            await using (_folder.Open(folder: folder))
                CheckReplayed(known);
        }

        void CheckReplayed(int[] known)
        {
            for (var thread = 0; thread < Threads; thread++)
            {
                var mine = _folder.Replayed.Select(r => r.Split(':')[0].Split(' ')).Where(r => r[0] == $"{thread}").Select(r => int.Parse(r[1])).ToList();
                Assert.Equal(Enumerable.Range(1, mine.Count), mine);
                Assert.True(mine.Count >= known[thread], $"{mine.Count} of {known[thread]} are left");
            }
        }
    }

    [Fact]
    public async Task After_a_failed_sync_everything_fails_with_the_first_cause()
    {
        var fails = false;
        var log = _folder.Open(LogFolder.Small with
        {
            Boundary = LogFolder.Told((step, _, isDone) =>
            {
                if (Volatile.Read(ref fails) && step == WriteStep.SyncFile && !isDone)
                    throw new PosixException(Errno.EIO, "fdatasync");
            }),
        });
        var sequence = log.Append(LogFolder.Text("one"), LogFolder.Text("data"), out var place);
        Volatile.Write(ref fails, true);
        Assert.Equal(Errno.EIO, (await Assert.ThrowsAsync<PosixException>(async () => await log.CommitAsync(sequence))).Error);
        Volatile.Write(ref fails, false);
        Assert.Equal(Errno.EIO, (await Assert.ThrowsAsync<PosixException>(async () => await log.CommitAsync(sequence))).Error);
        Assert.Equal(Errno.EIO, Assert.Throws<PosixException>(() => log.Append(LogFolder.Text("two"))).Error);
        Assert.Equal(Errno.EIO, Assert.Throws<PosixException>(() => log.WriteBulk(new byte[1], out _)).Error);
        Assert.Equal(Errno.EIO, Assert.Throws<PosixException>(() => log.BeginEpoch()).Error);
        Assert.Equal(0, log.DurableSequence);
        Check(log, (place, LogFolder.Text("data")));
        await Assert.ThrowsAsync<PosixException>(async () => await log.DisposeAsync());
    }

    static void Check(LiveLog log, (LogPlace Place, byte[] Data) held)
    {
        var read = new byte[held.Data.Length];
        log.Read(held.Place, read);
        Assert.Equal(held.Data, read);
    }
}
