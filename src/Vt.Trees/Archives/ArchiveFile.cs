using System.Text;
using Vt.Blocks.Contracts;
using Vt.Posix;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Trees.Archives;

/// <summary>
/// A <c>.vt</c> file: the states of one tree, a line each, oldest first. Lines are only ever appended, each made durable
/// before the append returns, so a crash costs at most the line being written: readers pass over such a torn end, and the next
/// append cuts it off. Any number of processes may read and append at once.
/// </summary>
/// <exception cref="PosixException">The file can't be read or written.</exception>
public sealed class ArchiveFile
{
    const int TailBytes = 64 << 10;
    const uint NewFileMode = 0x1b6;

    readonly TimeProvider _clock;

    /// <summary>Names an archive; nothing is opened yet.</summary>
    /// <param name="path">Where it lies, or will lie.</param>
    /// <param name="clock">Tells the time of new states.</param>
    public ArchiveFile(string path, TimeProvider clock)
    {
        Path = path;
        _clock = clock;
    }

    /// <summary>Where the archive lies.</summary>
    public string Path { get; }

    /// <summary>Whether there is such a file.</summary>
    public bool Exists => PosixFile.TryStat(Path, out _) == Errno.OK;

    /// <summary>Everything that the archive holds.</summary>
    /// <exception cref="UserErrorException">There is no such file, or it is something else.</exception>
    /// <exception cref="FormatInvalidException">The archive is of a version that is not known.</exception>
    public ArchiveContents ReadAll()
    {
        using var file = OpenToRead();
        var states = new List<ArchiveState>();
        var faults = new List<ArchiveFault>();
        Guid? id = null;
        var number = 0;
        foreach (var line in new LineScanner(file).Forwards())
        {
            number++;
            try
            {
                if (number == 1 && line.Bytes.Span.StartsWith(ArchiveLine.Opening))
                    id = ArchiveLine.ParseHeader(line.Bytes.Span);
                else if (!ArchiveLine.IsComment(line.Bytes.Span))
                    states.Add(ArchiveLine.Parse(line.Bytes.Span));
            }
            catch (FormatInvalidException fault) when (!line.IsTorn)
            {
                faults.Add(new ArchiveFault(number, $"{fault.What} (at {fault.Offset})"));
            }
            catch (FormatInvalidException)
            {
                // A torn end is no damage: that state was never acknowledged.
            }
        }

        if (id is null && states.Count == 0 && number > 0)
            throw NotAnArchive();
        if (id is null && number > 0 && !faults.Exists(static fault => fault.Line == 1))
            faults.Insert(0, new ArchiveFault(1, "the archive's first line is missing"));
        return new ArchiveContents(id, states, faults);
    }

    /// <summary>The newest state, read from the end of the file alone.</summary>
    /// <returns>The state; null where the archive has none.</returns>
    /// <exception cref="UserErrorException">There is no such file, or it is something else.</exception>
    public ArchiveState? ReadLast() => ReadBackwards().FirstOrDefault();

    /// <summary>The newest of the states that were saved at or before a moment.</summary>
    /// <returns>The state; null where all are later.</returns>
    /// <exception cref="UserErrorException">There is no such file, or it is something else.</exception>
    public ArchiveState? FindAt(Timestamp moment) => ReadBackwards().FirstOrDefault(state => state.When <= moment);

    /// <summary>The states from the newest to the oldest, read as far as they are asked for. Damaged lines are passed over.</summary>
    /// <exception cref="UserErrorException">There is no such file, or it is something else.</exception>
    public IEnumerable<ArchiveState> ReadBackwards()
    {
        using var file = OpenToRead();
        CheckBeginning(file);
        foreach (var line in new LineScanner(file).Backwards())
        {
            if (TryParse(line) is { } state)
                yield return state;
        }
    }

    /// <summary>
    /// Appends a state durably, unless the newest one has the same root. All blocks of the tree must have been flushed before.
    /// </summary>
    /// <param name="root">The tree.</param>
    /// <param name="refs">Where the archive registers, so that what it holds is kept; null where no store wants to know.</param>
    /// <param name="cancellationToken">Gives up before anything is written.</param>
    /// <returns>The state that was appended; null where the root was there already.</returns>
    /// <exception cref="UserErrorException">The file is something else, or its first line is damaged.</exception>
    public async ValueTask<ArchiveState?> AppendAsync(Dirent root, IRefStore? refs, CancellationToken cancellationToken = default)
    {
        using var file = OpenToAppend();
        var end = FindEnd(file, out var last, out var isTorn);
        var id = end == 0 ? Guid.NewGuid() : ReadId(file);
        var isKnown = last is not null && last.Root.Equals(root);
        var now = _clock.GetLocalNow();
        var state = isKnown ? last! : new ArchiveState(Timestamp.From(now), now.Offset, root);

        // Registered first: a crash in between then keeps a tree too many, not one too few.
        if (refs is not null)
            await ArchiveRegistration.RegisterAsync(refs, id, new ArchiveRegistration(state.When, root, System.IO.Path.GetFullPath(Path)), cancellationToken);
        if (isKnown)
            return null;
        var text = (end == 0 ? ArchiveLine.FormatHeader(id) : isTorn ? "\n" : "") + ArchiveLine.Format(state);
        Write(file, end, Encoding.ASCII.GetBytes(text));
        return state;
    }

    // Writes all and makes it durable, or leaves the file as long as it was.
    void Write(FileDescriptor file, long end, byte[] line)
    {
        var isDone = false;
        try
        {
            PosixFile.Ftruncate(file, end);
            PosixFile.PwriteFully(file, line, end);
            PosixFile.Fsync(file);
            if (end == 0)
                PosixFile.SyncDirectory(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))!);
            isDone = true;
        }
        finally
        {
            if (!isDone)
                PosixFile.Ftruncate(file, end);
        }
    }

    FileDescriptor OpenToRead() => PosixFile.TryOpen(Path, OpenFlags.O_RDONLY, 0, out var file) switch
    {
        Errno.OK => Checked(file),
        Errno.ENOENT => throw new UserErrorException($"there is no archive {Path}"),
        var error => throw new PosixException(error, "open", Path),
    };

    // The lock is on the file, not its name: whoever replaced the file in the meantime gets the next turn.
    FileDescriptor OpenToAppend()
    {
        while (true)
        {
            var file = Checked(PosixFile.Open(Path, OpenFlags.O_RDWR | OpenFlags.O_CREAT, NewFileMode));
            var isCurrent = false;
            try
            {
                Locks.Flock(file, LockKind.Exclusive, wait: true);
                var held = PosixFile.Fstat(file);
                isCurrent = PosixFile.TryStat(Path, out var named) == Errno.OK && named.Inode == held.Inode && named.Device == held.Device;
                if (isCurrent)
                    return file;
            }
            finally
            {
                if (!isCurrent)
                    file.Dispose();
            }
        }
    }

    FileDescriptor Checked(FileDescriptor file)
    {
        if (PosixFile.Fstat(file).IsRegular)
            return file;
        file.Dispose();
        throw new UserErrorException($"{Path} is not an archive but a directory or special file");
    }

    // Where the next line goes: after the last whole one, or after one that lacks nothing but its end.
    long FindEnd(FileDescriptor file, out ArchiveState? last, out bool lacksEnd)
    {
        last = null;
        lacksEnd = false;
        var length = PosixFile.Fstat(file).Size;
        if (length == 0 || IsTornHeader(file, length))
            return 0;
        CheckBeginning(file);
        var end = length;
        foreach (var line in new LineScanner(file).Backwards())
        {
            last = TryParse(line);
            if (line.IsTorn && last is null && !ArchiveLine.IsComment(line.Bytes.Span))
                end = line.Start;
            else if (line.IsTorn)
                lacksEnd = true;
            if (last is not null)
                break;
        }

        return end;
    }

    // What a crash may leave of an archive's very first write.
    static bool IsTornHeader(FileDescriptor file, long length)
    {
        if (length >= TailBytes)
            return false;
        var bytes = new byte[length];
        PosixFile.PreadFully(file, bytes, 0);
        return !bytes.Contains((byte)'\n')
            && (bytes.AsSpan().StartsWith(ArchiveLine.Opening) || ArchiveLine.Opening.StartsWith(bytes));
    }

    Guid ReadId(FileDescriptor file)
    {
        foreach (var line in new LineScanner(file).Forwards())
        {
            try
            {
                return ArchiveLine.ParseHeader(line.Bytes.Span);
            }
            catch (FormatInvalidException fault)
            {
                throw new UserErrorException($"{Path} can't be appended to: its first line is damaged: {fault.What}", fault);
            }
        }

        throw NotAnArchive();
    }

    // Nothing is ever read from, or cut off, a file that isn't ours.
    void CheckBeginning(FileDescriptor file)
    {
        var opening = new byte[ArchiveLine.Opening.Length];
        var count = PosixFile.PreadUpTo(file, opening, 0);
        if (count > 0 && !opening.AsSpan(0, count).SequenceEqual(ArchiveLine.Opening) && !new LineScanner(file).Forwards().Any(static line => TryParse(line) is not null))
            throw NotAnArchive();
    }

    static ArchiveState? TryParse(in ScannedLine line)
    {
        if (ArchiveLine.IsComment(line.Bytes.Span))
            return null;
        try
        {
            return ArchiveLine.Parse(line.Bytes.Span);
        }
        catch (FormatInvalidException)
        {
            return null;
        }
    }

    UserErrorException NotAnArchive() => new($"{Path} is not an archive");
}
