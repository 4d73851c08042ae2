using System.Text;
using Vt.Blocks.Contracts;
using Vt.Posix;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Trees.Archives;

/// <summary>How lines come to an archive's end.</summary>
public sealed partial class ArchiveFile
{
    const int TailBytes = 64 << 10;
    const uint NewFileMode = 0x1b6;

    /// <summary>
    /// Appends a state durably, unless the newest one has the same root. All blocks of the tree must have been flushed before. States that
    /// the file has lost at its end, by what the store knows, are put back first.
    /// </summary>
    /// <remarks>
    /// In this order, each step durable before the next: the tree's blocks (the caller's flush); the registration as pending (the
    /// store's sync of the reference); the line (fsync of the file) and the file's name (fsync of its folder); the registration as
    /// confirmed. So a crash after the first step costs room for one tree at most, and a state that is confirmed was in the file. A
    /// state that is found in the file but not confirmed may have been left by a crash before its sync: it is synced first. Where the state is there and
    /// confirmed, nothing is written.
    /// </remarks>
    /// <param name="root">The tree.</param>
    /// <param name="refs">Where the archive registers, so that what it holds is kept; null where no store wants to know.</param>
    /// <param name="cancellationToken">Gives up before anything is written.</param>
    /// <returns>The state that was appended; null where the root was there already.</returns>
    /// <exception cref="UserErrorException">The file is something else, or its first line is damaged.</exception>
    public async ValueTask<ArchiveState?> AppendAsync(Dirent root, IRefStore? refs, CancellationToken cancellationToken = default) =>
        (await AppendWhereAsync(root, static _ => true, refs, cancellationToken)).State;

    /// <summary>The same, but only where nobody has appended another state meanwhile.</summary>
    /// <param name="root">The tree.</param>
    /// <param name="expected">The newest state's tree, as it was read; null where there was none.</param>
    /// <param name="refs">Where the archive registers; null where no store wants to know.</param>
    /// <param name="cancellationToken">Gives up before anything is written.</param>
    /// <returns>Whether the newest state was that one, for nothing was written otherwise; and the state that was appended, null where the root was there already.</returns>
    public ValueTask<(bool IsExpected, ArchiveState? State)> TryAppendAsync(Dirent root, Dirent? expected, IRefStore? refs, CancellationToken cancellationToken = default) =>
        AppendWhereAsync(root, last => last is null ? expected is null : last.Equals(expected), refs, cancellationToken);

    async ValueTask<(bool IsExpected, ArchiveState? State)> AppendWhereAsync(Dirent root, Func<Dirent?, bool> isExpected, IRefStore? refs, CancellationToken cancellationToken)
    {
        using var file = OpenToAppend(OpenFlags.O_CREAT);
        var end = FindEnd(file);
        var id = end.IsNew ? Guid.NewGuid() : ReadId(file);
        var lost = await FindRestorableAsync(file, id, refs, cancellationToken);
        var last = lost.Count > 0 ? lost[^1] : end.Last;
        var isKnown = last is not null && last.Root.Equals(root);
        if (!isKnown && !isExpected(last?.Root))
            return (false, null);
        var now = _clock.GetLocalNow();
        var state = isKnown ? last! : new ArchiveState(Timestamp.From(now), now.Offset, root);
        var registration = ArchiveRegistration.Of(state, FullPath);
        if (refs is not null && !isKnown)
            await registration.RegisterAsync(refs, id, cancellationToken);
        if (!isKnown || lost.Count > 0)
            Write(file, end, id, lost, isKnown ? null : state);

        registration = registration with { IsConfirmed = true };
        if (refs is not null && !await registration.IsInAsync(refs, id, CancellationToken.None))
        {
            if (isKnown)
                Sync(file);
            await registration.RegisterAsync(refs, id, CancellationToken.None);
        }

        return (true, isKnown ? null : state);
    }

    /// <summary>Puts back what the file has lost at its end, so that the newest state is the newest again; does nothing where there is no file.</summary>
    /// <param name="refs">The references of the store that knows.</param>
    /// <param name="cancellationToken">Gives up before anything is written.</param>
    /// <exception cref="UserErrorException">The file is something else.</exception>
    /// <exception cref="FormatInvalidException">What the store knows is damaged.</exception>
    public async ValueTask RestoreAsync(IRefStore refs, CancellationToken cancellationToken = default)
    {
        if (!Exists || (await FindLostAsync(refs, cancellationToken)).Count == 0)
            return;
        using var file = OpenToAppend(default);
        var end = FindEnd(file);
        if (end.IsNew)
            return;
        var id = ReadId(file);
        var lost = await FindRestorableAsync(file, id, refs, cancellationToken);
        if (lost.Count > 0)
            Write(file, end, id, lost, null);
    }

    async ValueTask<List<ArchiveState>> FindRestorableAsync(FileDescriptor file, Guid id, IRefStore? refs, CancellationToken cancellationToken)
    {
        var lost = refs is null ? [] : await new LostStates(id, FullPath, file).FindAsync(refs, cancellationToken);
        return [.. lost.Where(static state => state.IsRestorable).Select(static state => state.State)];
    }

    // Damaged lines at the end go when as many states come back: they were these. Otherwise nobody knows what they were, and they stay.
    void Write(FileDescriptor file, in ArchiveEnd end, Guid id, List<ArchiveState> lost, ArchiveState? state)
    {
        var start = lost.Count > 0 && lost.Count >= end.DamagedLines ? end.SoundLength : end.Length;
        var text = new StringBuilder();
        if (end.IsNew)
            text.Append(ArchiveLine.FormatHeader(id));
        else if (end.LacksLineFeed)
            text.Append('\n');
        foreach (var line in lost)
            text.Append(ArchiveLine.Format(line));
        if (state is not null)
            text.Append(ArchiveLine.Format(state));
        Write(file, start, Encoding.ASCII.GetBytes(text.ToString()));
        foreach (var line in lost)
            OnRestored?.Invoke(line);
    }

    // Writes all and makes it durable, or leaves nothing behind what was sound.
    void Write(FileDescriptor file, long end, byte[] lines)
    {
        var isDone = false;
        try
        {
            if (PosixFile.Fstat(file).Size > end)
                Change(WriteStep.Truncate, Path, () => PosixFile.Ftruncate(file, end));
            Change(WriteStep.Write, Path, () => PosixFile.PwriteFully(file, lines, end));
            Sync(file);
            isDone = true;
        }
        finally
        {
            if (!isDone)
                PosixFile.Ftruncate(file, end);
        }
    }

    // The name too: whoever made the file may have died before it was durable.
    void Sync(FileDescriptor file)
    {
        Change(WriteStep.SyncFile, Path, () => PosixFile.Fsync(file));
        var folder = System.IO.Path.GetDirectoryName(FullPath)!;
        Change(WriteStep.SyncFolder, folder, () => PosixFile.SyncDirectory(folder));
    }

    void Change(WriteStep step, string path, Action change)
    {
        _boundary.Cross(step, path, isDone: false);
        change();
        _boundary.Cross(step, path, isDone: true);
    }

    // The lock is on the file, not its name: whoever replaced the file in the meantime gets the next turn.
    FileDescriptor OpenToAppend(OpenFlags making)
    {
        while (true)
        {
            _boundary.Cross(WriteStep.Create, Path, isDone: false);
            var file = Checked(PosixFile.Open(Path, OpenFlags.O_RDWR | making, NewFileMode));
            var isCurrent = false;
            try
            {
                _boundary.Cross(WriteStep.Create, Path, isDone: true);
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

    ArchiveEnd FindEnd(FileDescriptor file)
    {
        var length = PosixFile.Fstat(file).Size;
        if (length == 0 || IsTornHeader(file, length))
            return default;
        CheckBeginning(file);
        var (sound, damaged, isTail) = (length, 0, true);
        var lacksLineFeed = false;
        foreach (var line in new LineScanner(file).Backwards())
        {
            var state = ArchiveLine.TryParse(line);
            var isDamaged = state is null && !ArchiveLine.IsComment(line.Bytes.Span);
            isTail &= isDamaged;
            if (line.IsTorn && isDamaged)
                length = line.Start;
            else if (line.IsTorn)
                lacksLineFeed = true;
            else if (isTail)
                damaged++;
            if (isTail)
                sound = line.Start;
            if (state is not null)
                return new ArchiveEnd(length, state, lacksLineFeed, sound, damaged);
        }

        return new ArchiveEnd(length, null, lacksLineFeed, sound, damaged);
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
}
