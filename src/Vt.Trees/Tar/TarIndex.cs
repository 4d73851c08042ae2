namespace Vt.Trees.Tar;

/// <summary>
/// Where to start walking for a place in the archive: a cursor each so many members, fewer and fewer as they become many, and those where the last reads
/// ended. Safe from any thread once it is complete.
/// </summary>
sealed class TarIndex
{
    const int MostCursors = 16384;
    const int MostRecent = 16;

    // Guards the recent ones.
    readonly Lock _recentGate = new();
    readonly List<TarCursor> _cursors = [];
    readonly TarCursor[] _recent = new TarCursor[MostRecent];
    long _stride = 256;
    int _nextRecent;

    /// <summary>How many cursors are kept; for tests of the bound.</summary>
    public int Count => _cursors.Count;

    /// <summary>Takes note of a member; each in order, while the archive is measured.</summary>
    public void Note(in TarCursor cursor)
    {
        if (cursor.Ordinal % _stride != 0)
            return;
        _cursors.Add(cursor);
        if (_cursors.Count < MostCursors)
            return;
        _stride *= 2;
        _cursors.RemoveAll(kept => kept.Ordinal % _stride != 0);
    }

    /// <summary>Takes note of the member where a read ended: the next one likely goes on there.</summary>
    public void NoteRecent(in TarCursor cursor)
    {
        lock (_recentGate)
        {
            if (Array.IndexOf(_recent, cursor) < 0)
                _recent[_nextRecent++ % MostRecent] = cursor;
        }
    }

    /// <summary>The last known cursor that is not behind an offset.</summary>
    public TarCursor Before(long offset)
    {
        var (low, high) = (0, _cursors.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) >>> 1;
            if (_cursors[middle].Offset <= offset)
                low = middle;
            else
                high = middle - 1;
        }

        var best = _cursors[low];
        lock (_recentGate)
        {
            foreach (var recent in _recent)
            {
                if (recent.Offset <= offset && recent.Offset > best.Offset)
                    best = recent;
            }
        }

        return best;
    }
}
