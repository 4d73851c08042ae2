using Vt.Blocks.Contracts;
using Vt.Files.Journal;

namespace Vt.Tests.Files.Journal;

/// <summary>What comes of log files that were damaged.</summary>
public sealed class LogDamageTests : IDisposable
{
    readonly LogFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task No_flipped_bit_gives_a_wrong_record()
    {
        var original = await MakeAsync(records: 12);
        var file = _folder.Files("journal-*")[0];
        var bytes = File.ReadAllBytes(file);
        var end = bytes.AsSpan().LastIndexOfAnyExcept((byte)0) + 1;
        var random = new Random(5);
        for (var i = 0; i < 700; i++)
        {
            var at = i < 100 ? i / 8 * 6 : random.Next(LogHeader.Room, end);
            bytes[at] ^= (byte)(1 << (i % 8));
            await CheckAsync(original, file, bytes, $"byte {at} bit {i % 8}");
            bytes[at] ^= (byte)(1 << (i % 8));
        }
    }

    [Fact]
    public async Task No_garbage_crashes_a_replay()
    {
        var original = await MakeAsync(records: 40);
        var file = _folder.Files("journal-*")[0];
        var bytes = File.ReadAllBytes(file);
        var random = new Random(6);
        for (var i = 0; i < 300; i++)
        {
            var changed = bytes.ToArray();
            switch (i % 4)
            {
                case 0:
                    Array.Resize(ref changed, random.Next(changed.Length / 4));
                    break;
                case 1:
                    random.NextBytes(changed.AsSpan(random.Next(changed.Length / 8), random.Next(5000)));
                    break;
                case 2:
                    var (from, to) = (random.Next(600) * 8, random.Next(600) * 8);
                    bytes.AsSpan(from, 64).CopyTo(changed.AsSpan(to));
                    break;
                default:
                    for (var flips = random.Next(1, 30); flips > 0; flips--)
                        changed[random.Next(6000)] ^= (byte)random.Next(1, 256);
                    break;
            }

            await CheckAsync(original, file, changed, $"case {i}");
        }
    }

    [Fact]
    public async Task Records_of_a_files_former_use_are_never_taken_for_new_ones()
    {
        await using (var log = _folder.Open(LogFolder.Small with { GrowsInBackground = false }))
        {
            for (var epoch = 2u; epoch < 12; epoch++)
            {
                for (var i = 0; i < 100; i++)
                    log.Append(LogFolder.Text("of epoch " + (epoch - 1)));
                await log.CommitAsync(log.LastSequence);
                Assert.Equal(epoch, log.BeginEpoch());
                log.EndEpochsBefore(epoch);
            }

            log.Append(LogFolder.Text("the only one"));
            await log.CommitAsync(log.LastSequence);
            Assert.InRange(_folder.Files("journal-*").Length, 1, 5);
            var copy = _folder.Copy();
            await using (_folder.Open(firstEpoch: 11, folder: copy))
                Assert.Equal(["the only one"], _folder.Replayed);
        }
    }

    [Fact]
    public async Task A_damaged_record_that_others_follow_in_a_later_file_is_reported_with_file_and_offset()
    {
        await MakeAsync(records: 20);
        var first = _folder.Files("journal-*")[0];
        await using (var log = _folder.Open())
            log.Append(LogFolder.Text("later"));
        var bytes = File.ReadAllBytes(first);
        bytes[LogHeader.Room + 30] ^= 1;
        File.WriteAllBytes(first, bytes);
        var fault = Assert.Throws<FormatInvalidException>(() => _folder.Open());
        Assert.Equal(first, fault.File);
        Assert.Equal(LogHeader.Room, fault.Offset);
    }

    [Fact]
    public async Task A_damaged_record_before_a_mark_is_reported_and_not_taken_for_the_end()
    {
        await using (var log = _folder.Open())
        {
            for (var i = 0; i < 20; i++)
                log.Append(LogFolder.Text($"record {i}"));
        }

        var file = _folder.Files("journal-*")[0];
        var bytes = File.ReadAllBytes(file);
        bytes[LogHeader.Room + 100] ^= 1;
        File.WriteAllBytes(file, bytes);
        Assert.Contains("was durable", Assert.Throws<FormatInvalidException>(() => _folder.Open()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_file_is_reported()
    {
        for (var i = 0; i < 4; i++)
        {
            await using var log = _folder.Open();
            log.Append(LogFolder.Text($"of opening {i}"));
        }

        var files = _folder.Files("journal-*");
        foreach (var missing in files[..3])
        {
            var copy = _folder.Copy();
            File.Delete(Path.Combine(copy, Path.GetFileName(missing)));
            Assert.Throws<FormatInvalidException>(() => _folder.Open(folder: copy));
        }
    }

    [Fact]
    public async Task Missing_bulk_data_that_is_needed_is_reported()
    {
        LogPlace place;
        await using (var log = _folder.Open())
        {
            place = log.WriteBulk(new byte[5000], out _);
            log.Append(LogFolder.Text("names it"));
        }

        File.Delete(_folder.Files("data-*")[0]);
        Assert.Throws<FormatInvalidException>(() => _folder.Open(also: Keep));
        await using (_folder.Open())
            Assert.Single(_folder.Replayed);

        bool Keep(LiveLog log, in LogRecord record)
        {
            Assert.True(record.IsDurable);
            log.Retain(place, 5000);
            return true;
        }
    }

    [Fact]
    public async Task Another_version_is_refused()
    {
        await MakeAsync(records: 1);
        var file = _folder.Files("journal-*")[0];
        var bytes = File.ReadAllBytes(file);
        bytes[8] = 2;
        BitConverter.TryWriteBytes(bytes.AsSpan(60), Vt.Blocks.Encoding.Crc32C.Compute(bytes.AsSpan(0, 60)));
        File.WriteAllBytes(file, bytes);
        Assert.Contains("version 2", Assert.Throws<FormatInvalidException>(() => _folder.Open()).Message, StringComparison.Ordinal);
    }

    // A log as a killed process leaves it: the last records have no mark behind them.
    async Task<List<string>> MakeAsync(int records)
    {
        string copy;
        await using (var log = _folder.Open())
        {
            for (var i = 0; i < records; i++)
                log.Append(LogFolder.Text($"record {i}"), LogFolder.Text(new string('x', i * 5)), out _);
            await log.CommitAsync(log.LastSequence);
            copy = _folder.Copy();
        }

        foreach (var file in Directory.EnumerateFiles(_folder.Path))
            File.Delete(file);
        foreach (var file in Directory.EnumerateFiles(copy))
            File.Move(file, _folder[Path.GetFileName(file)]);
        return [.. Enumerable.Range(0, records).Select(i => i == 0 ? "record 0" : $"record {i}:{new string('x', i * 5)}")];
    }

    async Task CheckAsync(List<string> original, string file, byte[] changed, string what)
    {
        var copy = _folder.Copy();
        File.WriteAllBytes(Path.Combine(copy, Path.GetFileName(file)), changed);
        try
        {
            await using (_folder.Open(folder: copy))
                Assert.True(_folder.Replayed.SequenceEqual(original.Take(_folder.Replayed.Count)), what);
        }
        catch (FormatInvalidException)
        {
            // Reported.
        }

        Directory.Delete(copy, recursive: true);
    }
}
