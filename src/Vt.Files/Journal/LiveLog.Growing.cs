using Vt.Posix;

namespace Vt.Files.Journal;

/// <summary>How log files are made, made larger, and used again.</summary>
sealed partial class LiveLog
{
    const long FirstReserve = 1 << 20;

    // Where more bytes than these are appended from sync to sync, they count as a stream.
    const long StreamDistance = 16 << 10;

    static readonly byte[] _zeros = new byte[1 << 20];

    // Guarded by _growing for writing, and by _append as well.
    LogSegment? _next;

    // Guarded by _growing.
    readonly Stack<LogSegment> _spares = new();

    long _syncs;
    long _syncsAtGrowth; // guarded by _growing

    // 1 while _growth runs.
    int _isGrowing;
    Task _growth = Task.CompletedTask;
    bool _hasGrowthFailed; // nobody has succeeded since

    // Called under _append, so that of two calls one sees the other's task.
    void GrowInBackground()
    {
        if (_options.GrowsInBackground && Interlocked.Exchange(ref _isGrowing, 1) == 0)
            _growth = Task.Run(GrowAhead);
    }

    // Want of room, and failures, are told to the next append that meets them.
    void GrowAhead()
    {
        try
        {
            LogSegment? tail = null;
            lock (_append)
            {
                if (_tail.Reserved < _options.FileSize)
                    tail = _tail;
            }

            PrepareNext();
            if (tail is not null)
                Grow(tail);
        }
        catch (IOException)
        {
            // Whoever needs what is missing asks for it again and is told.
            Volatile.Write(ref _hasGrowthFailed, true);
        }
        finally
        {
            Volatile.Write(ref _isGrowing, 0);
        }
    }

    async ValueTask FinishGrowingAsync()
    {
        Task growth;
        lock (_append)
            growth = _growth;
        await growth;
    }

    // Gives the tail another step of room, unless it has that already.
    void Grow(LogSegment segment)
    {
        _growing.Wait();
        try
        {
            long end;
            lock (_append)
                end = segment == _tail ? _active.End : 0;
            if (end == 0)
                return;
            var need = Math.Min(end + LongestAppend + (3 * LogFrame.NumberLength) + LogFrame.HeadLength, _options.FileSize);
            if (segment.Reserved < need || segment.Reserved - end < _options.ReserveStep / 2)
                Reserve(segment, Math.Max(need, segment.Reserved + Math.Min(_options.ReserveStep, Math.Max(FirstReserve, segment.Reserved))));
        }
        finally
        {
            _growing.Release();
        }
    }

    // Takes room on the disk. Where records are committed often it is written once, too: a sync of what is then written there again needs
    // no change of the file system's own records, and takes half the time. A stream of data would only be written twice by that.
    void Reserve(LogSegment segment, long end)
    {
        end = Math.Min(end, _options.FileSize);
        var start = segment.Reserved;
        if (end <= start)
            return;
        CheckLimit(end - start);
        var syncs = Interlocked.Read(ref _syncs);
        var isStream = (syncs - _syncsAtGrowth) * StreamDistance < end - start && segment.Reserved > 0;
        _syncsAtGrowth = syncs;
        if (!_io.TryAllocate(segment, start, end - start) || !isStream)
        {
            for (var at = start; at < end; at += _zeros.Length)
                _io.Write(segment, _zeros.AsSpan(0, (int)Math.Min(_zeros.Length, end - at)), at, mayBeFull: true);
            _io.Sync(segment);
        }

        Interlocked.Add(ref _fileBytes, end - start);
        segment.Reserved = end;
    }

    // Has the next log file ready, under a durable name.
    void PrepareNext()
    {
        _growing.Wait();
        try
        {
            if (_next is not null)
                return;
            var next = TakeSpare() ?? MakeFile();
            lock (_append)
                _next = next;
        }
        finally
        {
            _growing.Release();
        }
    }

    LogSegment? TakeSpare()
    {
        if (!_spares.TryPop(out var spare))
            return null;
        var header = NewHeader();
        var path = PathOf(isBulk: false, header.Number);
        _io.Rename(spare.Path, path);
        _io.SyncFolder();
        return new LogSegment(header, path, spare.File) { Reserved = spare.Reserved };
    }

    LogSegment MakeFile()
    {
        var header = NewHeader();
        var path = PathOf(isBulk: false, header.Number);
        CheckLimit(LogHeader.Room);
        var made = new LogSegment(header, path, _io.Create(path));
        var isDone = false;
        try
        {
            var least = LogHeader.Room + _options.BufferSize;
            Reserve(made, Math.Max(least, Math.Min(FirstReserve, _options.ReserveStep)));
            _io.SyncFolder();
            isDone = true;
            return made;
        }
        finally
        {
            if (!isDone)
            {
                Interlocked.Add(ref _fileBytes, -made.Reserved);
                made.Dispose();
                _ = PosixFile.TryUnlink(path);
            }
        }
    }

    // Its epoch and what comes before it are set when it is used.
    LogHeader NewHeader() => new(IsBulk: false, NewNumber(), Epoch: 0, Previous: 0, PreviousEpoch: 0, LogHeader.NewSalt());

    // Keeps a log file that nothing needs, to be used again, or deletes it.
    void Retire(LogSegment segment)
    {
        _growing.Wait();
        try
        {
            if (_spares.Count < _options.Spares && segment.Reserved <= _options.FileSize)
                _spares.Push(segment);
            else
                Unlink(segment);
        }
        finally
        {
            _growing.Release();
        }
    }
}
