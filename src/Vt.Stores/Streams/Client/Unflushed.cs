using Vt.Stores.Streams.Protocol;

namespace Vt.Stores.Streams.Client;

/// <summary>
/// What a server took and has not yet made durable: the frames that it was sent. They are sent again where the server's store is another one than
/// before, and let go when a flush has been answered. Thread-safe.
/// </summary>
sealed class Unflushed
{
    // Guards the entries.
    readonly Lock _gate = new();
    readonly List<Entry> _entries = [];
    long _bytes;
    long _count;

    /// <summary>How many bytes are kept.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>A point in time: everything that was noted before it.</summary>
    public long Now
    {
        get
        {
            lock (_gate)
                return _count;
        }
    }

    /// <summary>Notes a frame that the server has answered well; it is held from here on.</summary>
    public void Note(Frame frame)
    {
        frame.Hold();
        lock (_gate)
            _entries.Add(new Entry(++_count, frame));
        Interlocked.Add(ref _bytes, frame.Length);
    }

    /// <summary>What was noted after a point in time, in order; each frame is held once more, for the caller to release.</summary>
    /// <param name="after">The point.</param>
    /// <param name="last">The point in time of the last.</param>
    public Frame[] HoldAll(long after, out long last)
    {
        lock (_gate)
        {
            var frames = _entries.Where(entry => entry.Number > after).Select(static entry => entry.Frame).ToArray();
            foreach (var frame in frames)
                frame.Hold();
            last = _count;
            return frames;
        }
    }

    /// <summary>Calls somebody, unless something was noted since a point in time; nothing is noted meanwhile.</summary>
    /// <returns>Whether it was called.</returns>
    public bool TryAt(long point, Action call)
    {
        lock (_gate)
        {
            if (_count != point)
                return false;
            call();
            return true;
        }
    }

    /// <summary>Lets go of what was noted before a point in time.</summary>
    public void Drop(long before)
    {
        List<Entry> dropped = [];
        lock (_gate)
        {
            var count = 0;
            while (count < _entries.Count && _entries[count].Number <= before)
                count++;
            dropped.AddRange(_entries.Take(count));
            _entries.RemoveRange(0, count);
        }

        foreach (var entry in dropped)
        {
            Interlocked.Add(ref _bytes, -entry.Frame.Length);
            entry.Frame.Release();
        }
    }

    readonly record struct Entry(long Number, Frame Frame);
}
