using Vt.Blocks.Encoding;
using Vt.Blocks.Hashing;
using Vt.Stores.Streams.Protocol;

namespace Vt.Stores.Streams.Client;

/// <summary>
/// What a server may lose: what it took and has not yet made durable, as the frames that it was sent, and the names of blocks of which it said that they are there. The frames are sent
/// again where the server's store is another one than before, and the names are asked about again; all is let go when a flush has been answered. Thread-safe.
/// </summary>
sealed class Unflushed
{
    // What a name takes here.
    const int NameLength = 40;

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
            _entries.Add(new Entry(++_count, frame, null, 0));
        Interlocked.Add(ref _bytes, frame.Length);
    }

    /// <summary>Notes names of blocks that somebody counts on. They share a question with those before, as far as it has room: so many small ones cost few when they are asked again.</summary>
    /// <param name="names">The names.</param>
    /// <param name="id">An id for a new question.</param>
    /// <param name="isCurrent">Whether the answer was that of the store that is there now; nothing is noted meanwhile.</param>
    /// <returns>False, and nothing is noted, where it was not.</returns>
    public bool TryNote(List<BlockHash> names, uint id, Func<bool> isCurrent)
    {
        lock (_gate)
        {
            if (!isCurrent())
                return false;

            // What was noted before gets the number of what is noted now: it is asked about once more than it need be, or let go by the flush after the next.
            if (_entries is [.., { Names: { } last } open] && last.Count + names.Count <= StreamLimits.MostNames)
            {
                last.AddRange(names);
                _entries[^1] = open with { Number = ++_count };
            }
            else
            {
                _entries.Add(new Entry(++_count, null, names, id));
            }
        }

        Interlocked.Add(ref _bytes, (long)names.Count * NameLength);
        return true;
    }

    /// <summary>What was noted after a point in time, in order, names as questions; each frame is held once more, for the caller to release.</summary>
    /// <param name="after">The point.</param>
    /// <param name="last">The point in time of the last.</param>
    public Frame[] HoldAll(long after, out long last)
    {
        lock (_gate)
        {
            var frames = _entries.Where(entry => entry.Number > after).Select(static entry => entry.Hold()).ToArray();
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
            Interlocked.Add(ref _bytes, -entry.Length);
            entry.Frame?.Release();
        }
    }

    // Either a frame or names.
    readonly record struct Entry(long Number, Frame? Frame, List<BlockHash>? Names, uint Id)
    {
        public long Length => Frame?.Length ?? (long)Names!.Count * NameLength;

        public Frame Hold()
        {
            if (Frame is not null)
            {
                Frame.Hold();
                return Frame;
            }

            using var meta = new ByteWriter();
            NameList.Write(meta, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(Names));
            return Frame.Make(StreamVerb.Contains, FrameFlags.None, Id, meta.Written);
        }
    }
}
