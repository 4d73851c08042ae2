using System.Text;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Posix;

namespace Vt.Files.Journal;

/// <summary>How a log is opened: what the last one to use it left is replayed and mended.</summary>
sealed partial class LiveLog
{
    const int VerifyPiece = 1 << 20;

    // While records are replayed, the bulk files that nothing needs any more though records name them; null after that.
    HashSet<uint>? _dropped = [];

    // What was found, until the replay ends; null after that.
    (List<LogSegment> Chain, bool IsNeeded, long End, List<LogSegment> Others, uint Next)? _found;

    /// <summary>Opens the log in a folder, or makes one, and replays it, for who has let go of what is not needed when its records are through.</summary>
    /// <inheritdoc cref="OpenToReplay"/>
    public static LiveLog Open(string folder, uint firstEpoch, LiveLogOptions? options, LogReplay replay)
    {
        var log = OpenToReplay(folder, firstEpoch, options, replay);
        var isDone = false;
        try
        {
            log.EndReplay();
            isDone = true;
            return log;
        }
        finally
        {
            if (!isDone)
                log.CloseFiles();
        }
    }

    /// <summary>Opens the log in a folder, or makes one, and reads its records. Until <see cref="EndReplay"/> only holds can be taken and let go of.</summary>
    /// <param name="folder">The folder; nobody else uses it.</param>
    /// <param name="firstEpoch">The first epoch whose records are needed, and the current one where there are none.</param>
    /// <param name="options">How to use the folder; null for the usual.</param>
    /// <param name="replay">Takes each record of these epochs, in order, and takes holds on the bytes that it needs.</param>
    /// <returns>The log; it goes on in the epoch of its last record.</returns>
    /// <exception cref="FormatInvalidException">Something that was durable is damaged or missing, or of another version.</exception>
    /// <exception cref="IOException">The disk can't be read or written.</exception>
    public static LiveLog OpenToReplay(string folder, uint firstEpoch, LiveLogOptions? options, LogReplay replay)
    {
        var log = new LiveLog(folder, firstEpoch, options ?? new LiveLogOptions());
        var isDone = false;
        try
        {
            log.Replay(replay);
            isDone = true;
            return log;
        }
        finally
        {
            if (!isDone)
                log.CloseFiles();
        }
    }

    /// <summary>Whether bulk bytes that a record names were written whole. Only for use in a replay.</summary>
    /// <param name="place">Where they lie.</param>
    /// <param name="length">How many they are.</param>
    /// <param name="checksum">Their CRC-32C.</param>
    /// <returns>True also where nothing needs them any more, since records that follow have taken their place.</returns>
    public bool VerifyBulk(LogPlace place, long length, uint checksum)
    {
        if (_dropped!.Contains(place.Segment))
            return true;
        if (length < 0 || !_segments.TryGetValue(place.Segment, out var segment) || segment.File is not { } file)
            return false;
        var piece = new byte[Math.Min(VerifyPiece, length)];
        var check = 0u;
        for (var left = length; left > 0;)
        {
            var bytes = piece.AsSpan(0, (int)Math.Min(piece.Length, left));
            if (PosixFile.PreadUpTo(file, bytes, place.Offset + length - left) < bytes.Length)
                return false;
            check = Crc32C.Compute(bytes, check);
            left -= bytes.Length;
        }

        return check == checksum;
    }

    void Replay(LogReplay replay)
    {
        var (chain, others) = FindFiles();
        var needed = chain.Where(segment => segment.Header.Epoch >= _firstNeeded).ToList();
        CheckChain(needed);
        uint next = 0;
        var end = 0L;
        for (var i = 0; i < needed.Count; i++)
        {
            if (i == needed.Count - 1)
                (end, next) = DeliverLast(needed[i], replay);
            else
                DeliverWhole(needed[i], needed[i + 1].Number, replay);
        }

        if (next != 0 && others.All(segment => segment.Number != next))
            throw new FormatInvalidException("the log file is missing").In(PathOf(isBulk: false, next));
        _found = (chain, needed.Count > 0, end, others, next);
    }

    /// <summary>
    /// What is held now is what the records need; anything else goes, and records can be appended.
    /// </summary>
    /// <exception cref="LogCutException">The log has to be opened once more, with another replay.</exception>
    /// <exception cref="FormatInvalidException">Something that was durable is missing.</exception>
    /// <exception cref="IOException">The disk can't be written.</exception>
    public void EndReplay()
    {
        var (chain, isNeeded, end, others, next) = _found ?? throw new InvalidOperationException("no replay is under way");
        var last = chain.Count > 0 ? chain[^1] : null;
        Settle(isNeeded ? last : null, end);
        Begin(last, isNeeded, end, others, next);
        _found = null;
        DropUnneeded();
    }

    // The log files that have a header, in order, and those that have none.
    (List<LogSegment> Chain, List<LogSegment> Others) FindFiles()
    {
        var chain = new List<LogSegment>();
        var others = new List<LogSegment>();
        foreach (var name in NamesIn(_io.Folder))
        {
            if (!LogNames.TryParse(name, out var kind, out var number) || kind == LogFileKind.Local)
                continue;
            var isBulk = kind != LogFileKind.Journal;
            _number = Math.Max(_number, number);
            var segment = Take(kind, number, out var isBegun);
            _fileBytes += segment.Reserved;
            if (isBulk || isBegun)
                _segments[number] = segment;
            if (!isBulk)
                (isBegun ? chain : others).Add(segment);
        }

        chain.Sort(static (a, b) => a.Number.CompareTo(b.Number));
        return (chain, others);
    }

    static List<string> NamesIn(string folder)
    {
        using var directory = PosixFile.Open(folder, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
        return [.. Directories.SortedNames(directory).Select(Encoding.Latin1.GetString)];
    }

    LogSegment Take(LogFileKind kind, uint number, out bool isBegun)
    {
        var (isBulk, isKept) = (kind != LogFileKind.Journal, kind == LogFileKind.Kept);
        var path = PathOf(isBulk, number, isKept);
        var file = PosixFile.Open(path, OpenFlags.O_RDWR | OpenFlags.O_NOFOLLOW);
        Span<byte> bytes = stackalloc byte[LogHeader.Length];
        LogHeader? header;
        try
        {
            header = LogHeader.TryRead(bytes[..PosixFile.PreadUpTo(file, bytes, 0)]);
        }
        catch (FormatInvalidException fault)
        {
            file.Dispose();
            throw fault.In(path);
        }

        isBegun = header is { } found && found.Number == number && found.IsBulk == isBulk;
        var size = PosixFile.Fstat(file).Size;
        var segment = new LogSegment(isBegun ? header!.Value : Blank(isBulk, number), path, file)
        {
            Reserved = size,
            WrittenTo = size,
            IsKept = isKept,
            WasSynced = true,
        };
        segment.Seal();
        return segment;
    }

    // Nothing may be missing before a file or between two.
    void CheckChain(List<LogSegment> needed)
    {
        for (var i = 0; i < needed.Count; i++)
        {
            var header = needed[i].Header;
            var isFirst = i == 0;
            if (isFirst ? header.Previous != 0 && header.PreviousEpoch >= _firstNeeded : header.Previous != needed[i - 1].Number)
                throw new FormatInvalidException($"the log file is missing that {needed[i].Path} follows").In(PathOf(isBulk: false, header.Previous));
            if (!isFirst && header.Epoch < needed[i - 1].Header.Epoch)
                throw new FormatInvalidException($"epoch {header.Epoch} comes after {needed[i - 1].Header.Epoch}", 16).In(needed[i].Path);
        }
    }

    // A file that another follows: all of it was durable.
    void DeliverWhole(LogSegment segment, uint next, LogReplay replay)
    {
        var reader = new LogReader(segment);
        _epoch = segment.Header.Epoch;
        while (reader.TryNext())
        {
            if (reader.Frame.Kind == LogFrameKind.End)
            {
                if (reader.Number != next)
                    throw reader.Fault($"log file {next:x8} follows where {reader.Number:x8} should");
                return;
            }

            if (reader.Frame.Kind == LogFrameKind.Drop)
                _number = Math.Max(_number, (uint)reader.Number);
            if (reader.Frame.Kind == LogFrameKind.Record && !Deliver(segment, reader, isDurable: true, replay))
                throw reader.Fault("bulk data of a record is damaged");
        }

        throw reader.Fault("a record is damaged, and others follow");
    }

    // The last file: it ends where the first frame isn't whole. Gives where, and which file was to follow, if that is known.
    (long End, uint Next) DeliverLast(LogSegment segment, LogReplay replay)
    {
        var (end, mark) = Survey(segment);
        var reader = new LogReader(segment);
        _epoch = segment.Header.Epoch;
        while (reader.End < end && reader.TryNext())
        {
            switch (reader.Frame.Kind)
            {
                case LogFrameKind.End:
                    return (reader.Offset, (uint)reader.Number);
                case LogFrameKind.Record:
                    var isDurable = reader.End <= mark;
                    if (Deliver(segment, reader, isDurable, replay))
                        break;
                    if (isDurable)
                        throw reader.Fault("bulk data of a record is damaged");
                    return (reader.Offset, 0);
            }
        }

        return (reader.End, 0);
    }

    // Finds how far the last file is whole, and up to where it is known to have been durable.
    (long End, long Mark) Survey(LogSegment segment)
    {
        var reader = new LogReader(segment);
        var mark = 0L;
        var isEnded = false;
        var dropped = new List<(long Offset, uint Number)>();
        while (!isEnded && reader.TryNext())
        {
            switch (reader.Frame.Kind)
            {
                case LogFrameKind.Mark:
                    mark = (long)Math.Min(reader.Number, (ulong)reader.Offset);
                    break;
                case LogFrameKind.Drop:
                    dropped.Add((reader.Offset, (uint)reader.Number));
                    _number = Math.Max(_number, (uint)reader.Number);
                    break;
                case LogFrameKind.End:
                    isEnded = true;
                    break;
            }
        }

        if (!isEnded && reader.FindMarkBehind(reader.End) > 0)
            throw reader.Fault("a record is damaged that was durable");
        var end = CheckData(segment, mark, reader.End);
        _dropped!.UnionWith(dropped.Where(drop => drop.Offset < end).Select(static drop => drop.Number));
        return (end, mark);
    }

    // Data behind the last mark may not have reached the disk.
    static long CheckData(LogSegment segment, long mark, long end)
    {
        var reader = new LogReader(segment);
        reader.GoTo(Math.Max(mark, LogHeader.Room));
        while (reader.End < end && reader.TryNext())
        {
            if (!reader.IsDataWhole())
                return reader.Offset;
        }

        return reader.End;
    }

    bool Deliver(LogSegment segment, LogReader reader, bool isDurable, LogReplay replay)
    {
        var record = new LogRecord
        {
            Bytes = reader.Record,
            Epoch = segment.Header.Epoch,
            Position = new LogPlace(segment.Number, reader.Offset),
            Data = new LogPlace(segment.Number, reader.DataOffset),
            DataLength = reader.Frame.DataLength,
            IsDurable = isDurable,
        };
        return replay(this, record);
    }

    // A record names a file that isn't there: it may be that later ones have taken its place.
    LogSegment Miss(uint number) => _segments.GetOrAdd(
        number, static (number, log) => new LogSegment(Blank(isBulk: true, number), log.PathOf(isBulk: true, number), null), this);

    static LogHeader Blank(bool isBulk, uint number) => new(isBulk, number, Epoch: 0, Previous: 0, PreviousEpoch: 0, Salt: 0);

    // What is held must be there, and becomes durable now: nobody knows what of it is.
    void Settle(LogSegment? last, long end)
    {
        foreach (var segment in _segments.Values)
        {
            var held = segment.Held;
            if (segment.IsBulk && held > 0 && _dropped!.Contains(segment.Number))
                throw Cut(last!, end);
            if (segment.File is null)
            {
                _segments.TryRemove(segment.Number, out _);
                if (held > 0)
                    throw new FormatInvalidException($"{held} bytes of the log file are needed, but it is missing").In(segment.Path);
            }
            else if (held > 0 && segment.IsBulk)
            {
                _io.Sync(segment);
            }
        }

        _dropped = null;
    }

    // The replay ended before the records that took the place of others, whose bulk bytes passed since nothing needed them. None of these
    // was ever durable. The log is cut, without another file to follow yet; the next replay will find that those bytes aren't there.
    LogCutException Cut(LogSegment last, long end)
    {
        Span<byte> nothing = stackalloc byte[LogFrame.HeadLength];
        nothing.Clear();
        _io.Write(last, nothing, end);
        _io.Sync(last);
        return new LogCutException($"{last.Path} was cut at {end}, where bulk data is missing that was never durable: open it again", end);
    }

    // Ends the last file and begins another. Only after that nothing that was replayed is needed to tell what is whole.
    void Begin(LogSegment? last, bool isNeeded, long end, List<LogSegment> others, uint next)
    {
        foreach (var segment in others)
        {
            if (segment.Number == next)
                _next = segment;
            else
                _spares.Push(segment);
        }

        if (_next is null)
            PrepareNext();
        else
            _io.SyncFolder();
        var tail = _next!;
        _next = null;
        Reserve(tail, LogHeader.Room + _options.BufferSize);
        if (last is not null && isNeeded)
            EndFile(last, end, tail.Number);
        _tail = new LogSegment(
            new LogHeader(false, tail.Number, _epoch, last?.Number ?? 0, last?.Header.Epoch ?? 0, LogHeader.NewSalt()), tail.Path, tail.File)
        {
            Reserved = tail.Reserved,
            WrittenTo = LogHeader.Room,
        };
        _segments[_tail.Number] = _tail;
        _written = _tail;
        _markedTo = LogHeader.Room;
        WriteHeader(_tail);
        _io.Sync(_tail);
        _active = new LogBuffer(_options.BufferSize);
        _active.Begin(_tail, LogHeader.Room);
        _bufferCount = 1;
    }

    void EndFile(LogSegment last, long end, uint next)
    {
        Span<byte> frame = stackalloc byte[LogFrame.NumberLength];
        LogFrame.WriteNumber(frame, LogFrameKind.End, next, last.Seed, end);
        _io.Write(last, frame, end);
        _io.Sync(last);
    }

    // What neither records nor anybody's hold need.
    void DropUnneeded()
    {
        // All that was let go of in the replay is looked at here.
        while (_released.TryDequeue(out var released))
            released.Unqueue();
        foreach (var segment in _segments.Values)
        {
            if (segment.Held == 0 && segment != _tail && (segment.IsBulk || segment.Header.Epoch < _firstNeeded))
                Delete(segment);
        }

        while (_spares.Count > _options.Spares || (_spares.TryPeek(out var spare) && spare.Reserved > _options.FileSize))
            Unlink(_spares.Pop());
    }

    void CloseFiles()
    {
        foreach (var segment in _segments.Values)
            segment.Dispose();
        foreach (var spare in _spares)
            spare.Dispose();
        _next?.Dispose();
        foreach (var other in _found?.Others ?? [])
            other.Dispose();
    }
}
