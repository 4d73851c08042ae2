namespace Vt.Files.Journal;

/// <summary>Bulk files of what is local, which no checkpoint stores: they stay for as long as somebody has a hold on something in them.</summary>
sealed partial class LiveLog
{
    // So much of a file has to be of no use for what is left of it to be moved elsewhere.
    const long LeastWaste = 64 << 10;

    // Each mount begins a file: where more are small than this, what they have moves together.
    const int MostSmall = 8;
    const long Small = 8 << 20;

    /// <summary>Whether bytes lie where no checkpoint has to move them from.</summary>
    public bool IsKept(uint segment) => _segments.TryGetValue(segment, out var found) && found.IsKept;

    /// <summary>Keeps a file of what is local until <see cref="Unpin"/>, whoever lets go of what is in it: a list on the disk names it.</summary>
    public void Pin(uint segment) => Retain(new LogPlace(segment, 0), 1);

    /// <summary>Takes back a <see cref="Pin"/>.</summary>
    public void Unpin(uint segment) => Release(new LogPlace(segment, 0), 1);

    /// <summary>Whether a file has all of a range, as far as its length tells.</summary>
    public bool Covers(LogPlace place, long length) =>
        _segments.TryGetValue(place.Segment, out var segment) && place.Offset >= LogHeader.Room && length <= segment.Reserved - place.Offset;

    /// <summary>
    /// The files of what is local that are worth being emptied, by moving what is left of them: half of such a file is of no use to anybody. Nothing is
    /// added to them any more.
    /// </summary>
    public HashSet<uint> SealWasted()
    {
        lock (_bulk)
            SealIdle(_idleKept, IsWasted);
        var all = _segments.Values.Where(static segment => segment is { IsKept: true, IsSealed: true, Held: > 0 }).ToList();
        var small = all.Where(static segment => segment.Reserved < Small).ToList();
        return [.. all.Where(segment => IsWasted(segment) || (small.Count > MostSmall && small.Contains(segment))).Select(static segment => segment.Number)];
    }

    /// <summary>Makes what was written to files of what is local durable, and their names.</summary>
    /// <exception cref="IOException">The log has failed.</exception>
    public void SyncKept()
    {
        _disk.Wait();
        try
        {
            _io.ThrowIfFailed();

            // They stay on the list of what a commit syncs, which then finds nothing to do.
            foreach (var segment in _segments.Values)
            {
                if (segment.IsKept && segment.IsDirty)
                    _io.Sync(segment);
            }

            if (Interlocked.Exchange(ref _isFolderDirty, 0) != 0)
                _io.SyncFolder();
        }
        finally
        {
            _disk.Release();
        }
    }

    static bool IsWasted(LogSegment segment)
    {
        var room = segment.Reserved - LogHeader.Room;
        return room - segment.Held >= LeastWaste && segment.Held < room / 2;
    }
}
