using System.Globalization;
using System.Text;
using Vt.Files.Journal;

namespace Vt.Tests.Files.Journal;

/// <summary>Named values that are kept by a log as a file system would keep its files, and what they were after each record.</summary>
sealed class LogModel
{
    readonly record struct Held(LogPlace Place, int Length, byte[]? Stored);

    readonly List<Dictionary<int, byte[]>> _history = [[]];
    readonly Dictionary<int, Held> _held = [];
    Dictionary<int, byte[]> _base = [];

    /// <summary>How many records were appended, or replayed.</summary>
    public int Count { get; private set; }

    /// <summary>How many of them are in the checkpoint.</summary>
    public int BaseCount { get; private set; }

    /// <summary>How many are known to be durable.</summary>
    public int Committed { get; private set; }

    public uint FirstEpoch { get; private set; } = 1;

    public void Set(LiveLog log, int key, byte[] value, bool isBulk)
    {
        LogPlace place;
        if (isBulk)
        {
            place = log.WriteBulk(value, out var check);
            log.Append(LogFolder.Text(string.Create(CultureInfo.InvariantCulture, $"{Count + 1} b {key} {place.Segment} {place.Offset} {value.Length} {check}")));
        }
        else
        {
            log.Append(LogFolder.Text(string.Create(CultureInfo.InvariantCulture, $"{Count + 1} s {key}")), value, out place);
        }

        Put(log, key, new Held(place, value.Length, null));
        Note(key, value);
    }

    public void Remove(LiveLog log, int key)
    {
        log.Append(LogFolder.Text(string.Create(CultureInfo.InvariantCulture, $"{Count + 1} d {key}")));
        Drop(log, key);
        Note(key, null);
    }

    public async Task CommitAsync(LiveLog log)
    {
        await log.CommitAsync(log.LastSequence);
        Committed = Count;
    }

    /// <summary>Stores all values elsewhere, with changes between.</summary>
    public void Checkpoint(LiveLog log, Action between)
    {
        var epoch = log.BeginEpoch();
        var (count, taken) = (Count, new Dictionary<int, Held>(_held));
        between();
        (FirstEpoch, BaseCount, _base) = (epoch, count, _history[count]);
        foreach (var (key, held) in taken)
        {
            if (held.Stored is null && _held.TryGetValue(key, out var now) && now == held)
                Put(log, key, new Held(default, held.Length, _base[key]));
        }

        log.EndEpochsBefore(epoch);
    }

    /// <summary>Opens a log as a crash left it, and makes sure that it holds what some record left, at least the last that was committed.</summary>
    public async Task<int> CheckAsync(string folder, LiveLogOptions options)
    {
        var found = new LogModel { Count = BaseCount };
        foreach (var (key, value) in _base)
            found._held[key] = new Held(default, value.Length, value);
        await using var log = OpenAgain(folder, options, found);
        Assert.InRange(found.Count, Math.Max(Committed, BaseCount), Count);
        var expected = _history[found.Count];
        Assert.Equal(expected.Keys.Order(), found._held.Keys.Order());
        foreach (var (key, held) in found._held)
        {
            var value = held.Stored ?? new byte[held.Length];
            if (held.Stored is null)
                log.Read(held.Place, value);
            Assert.True(expected[key].AsSpan().SequenceEqual(value), $"value {key} after record {found.Count} is another");
        }

        return found.Count;
    }

    LiveLog OpenAgain(string folder, LiveLogOptions options, LogModel found)
    {
        var start = new Dictionary<int, Held>(found._held);
        var end = long.MaxValue;
        while (true)
        {
            try
            {
                return LiveLog.Open(folder, FirstEpoch, options, found.Replay);
            }
            catch (LogCutException cut) when (cut.End < end)
            {
                end = cut.End;
                found._held.Clear();
                foreach (var (key, held) in start)
                    found._held[key] = held;
                found.Count = BaseCount;
            }
        }
    }

    bool Replay(LiveLog log, in LogRecord record)
    {
        var words = Encoding.UTF8.GetString(record.Bytes).Split(' ');
        var numbers = words.Select(w => long.TryParse(w, CultureInfo.InvariantCulture, out var n) ? n : 0).ToArray();
        Assert.Equal(Count + 1, numbers[0]);
        var key = (int)numbers[2];
        switch (words[1])
        {
            case "b":
                var place = new LogPlace((uint)numbers[3], numbers[4]);
                if (!record.IsDurable && !log.VerifyBulk(place, numbers[5], (uint)numbers[6]))
                    return false;
                log.Retain(place, numbers[5]);
                Put(log, key, new Held(place, (int)numbers[5], null));
                break;
            case "s":
                log.Retain(record.Data, record.DataLength);
                Put(log, key, new Held(record.Data, record.DataLength, null));
                break;
            default:
                Drop(log, key);
                break;
        }

        Count++;
        return true;
    }

    void Put(LiveLog log, int key, Held held)
    {
        Drop(log, key);
        _held[key] = held;
    }

    void Drop(LiveLog log, int key)
    {
        if (_held.Remove(key, out var old) && old.Stored is null)
            log.Release(old.Place, old.Length);
    }

    void Note(int key, byte[]? value)
    {
        var next = new Dictionary<int, byte[]>(_history[^1]);
        if (value is null)
            next.Remove(key);
        else
            next[key] = value;
        _history.Add(next);
        Count++;
    }
}
