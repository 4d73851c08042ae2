using System.Globalization;
using System.Text;
using Vt.Blocks.Contracts;
using Vt.Posix;

namespace Vt.Files.Journal;

/// <summary>
/// The folder beside an archive in which a live file system keeps what the archive and the store don't have yet. It belongs to one process at
/// a time, and to one archive.
/// </summary>
sealed class LiveFolder : ILocalLists, IDisposable
{
    const string StateName = "state";
    const string NewStateName = "state.new";
    const string LockName = "lock";
    const uint FolderMode = 0x1c0;
    const uint FileMode = 0x180;
    const int LongestProcessId = 20;

    readonly WriteBoundary _boundary;
    readonly FileDescriptor _lock;
    Guid _archiveId;

    LiveFolder(string path, Guid archiveId, FileDescriptor lockFile, WriteBoundary boundary)
    {
        Path = path;
        _archiveId = archiveId;
        _lock = lockFile;
        _boundary = boundary;
    }

    /// <summary>Where it lies; the log lies there too.</summary>
    public string Path { get; private set; }

    /// <summary>Takes a folder, or makes it.</summary>
    /// <param name="path">Where it lies, or will lie.</param>
    /// <param name="archiveId">The archive to which it must belong.</param>
    /// <param name="archivePath">Where that lies; for messages.</param>
    /// <param name="boundary">The crash tests' hook; null for none.</param>
    /// <exception cref="UserErrorException">Another process has it, or it belongs to another archive, or is of another version.</exception>
    /// <exception cref="FormatInvalidException">Its state is damaged, or missing where there is a log.</exception>
    /// <exception cref="IOException">It can't be read or written.</exception>
    public static LiveFolder Open(string path, Guid archiveId, string archivePath, WriteBoundary? boundary = null)
    {
        boundary ??= new WriteBoundary(null);
        Make(path, boundary);
        var lockPath = System.IO.Path.Combine(path, LockName);
        var lockFile = PosixFile.Open(lockPath, OpenFlags.O_RDWR | OpenFlags.O_CREAT | OpenFlags.O_NOFOLLOW, FileMode);
        var folder = new LiveFolder(path, archiveId, lockFile, boundary);
        var isDone = false;
        try
        {
            if (!Locks.Flock(lockFile, LockKind.Exclusive, wait: false))
                throw new UserErrorException($"{archivePath} is mounted for writing already, by process {ReadOwner(lockFile)}");
            PosixFile.Ftruncate(lockFile, 0);
            PosixFile.PwriteFully(lockFile, Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}\n")), 0);
            folder.ForgetMove();
            if (folder.Read() is null && FilesOf(path, static _ => true).Count > 0)
                throw new FormatInvalidException("the state is missing, though there is a log").In(folder.PathOf(StateName));
            isDone = true;
            return folder;
        }
        finally
        {
            if (!isDone)
                folder.Dispose();
        }
    }

    /// <summary>Whether some process has a folder now.</summary>
    /// <param name="path">Where it lies; need not exist.</param>
    public static bool IsHeld(string path)
    {
        if (PosixFile.TryOpen(System.IO.Path.Combine(path, LockName), OpenFlags.O_RDWR | OpenFlags.O_NOFOLLOW, 0, out var file) != Errno.OK)
            return false;
        using (file)
            return !Locks.Flock(file, LockKind.Exclusive, wait: false);
    }

    /// <summary>Whether a folder has a log: always while some process has it, and afterwards where that process died with changes not stored.</summary>
    /// <param name="path">Where it lies; need not exist.</param>
    public static bool HasLog(string path) => Directory.Exists(path) && FilesOf(path, IsLog).Count > 0;

    /// <summary>Reads the state.</summary>
    /// <returns>Null where none was written yet.</returns>
    /// <exception cref="UserErrorException">It is of another archive, or of another version.</exception>
    /// <exception cref="FormatInvalidException">It is damaged.</exception>
    public LiveState? Read() => ReadAny() is { } state ? Checked(state) : null;

    /// <summary>
    /// Gives the folder to another archive, with the log that goes on in it: its state says so, it gets the name of that one's folder, and its state says that it has it.
    /// </summary>
    /// <param name="state">The state that the other archive begins with.</param>
    /// <param name="path">The name, which nothing has.</param>
    /// <param name="relocate">Runs the renaming while nothing is changed in the folder.</param>
    /// <exception cref="IOException">The folder may have either name and belong to either archive.</exception>
    public async ValueTask MoveAsync(LiveState state, string path, Func<string, Action, ValueTask> relocate)
    {
        _archiveId = state.ArchiveId;
        Write(state with { IsMoving = true });
        await relocate(path, () =>
        {
            Change(WriteStep.Rename, Path, () => PosixFile.Rename(Path, path));
            Path = path;
            Change(WriteStep.SyncFolder, path, () => PosixFile.SyncDirectory(System.IO.Path.GetDirectoryName(path)!));
        });
        Write(state);
    }

    /// <summary>Keeps the folder for the archive that it was to leave, whose name it still has.</summary>
    /// <param name="state">What its state was.</param>
    public void TakeBack(LiveState state)
    {
        _archiveId = state.ArchiveId;
        Write(state);
    }

    /// <summary>Makes way for a folder that is going to have this name: deletes one in which nothing waits, and does nothing where there is none.</summary>
    /// <param name="path">Where it lies.</param>
    /// <returns>False where somebody has it, or something in it may be needed; it is untouched then.</returns>
    /// <exception cref="IOException">It can't be deleted.</exception>
    public static bool TryDelete(string path)
    {
        if (!Directory.Exists(path))
            return true;
        if (IsHeld(path) || FilesOf(path, static _ => true).Count > 0)
            return false;
        Directory.Delete(path, recursive: true);
        return true;
    }

    LiveState? ReadAny()
    {
        var path = PathOf(StateName);
        var error = PosixFile.TryOpen(path, OpenFlags.O_RDONLY | OpenFlags.O_NOFOLLOW, 0, out var file);
        using (file)
        {
            if (error == Errno.ENOENT)
                return null;
            if (error != Errno.OK)
                throw new PosixException(error, "open", path);
            var bytes = new byte[LiveState.Longest + 1];
            var length = PosixFile.PreadUpTo(file, bytes, 0);
            if (length > LiveState.Longest)
                throw new FormatInvalidException($"the file has more than {LiveState.Longest} bytes").In(path);
            return Parse(bytes.AsSpan(0, length), path);
        }
    }

    // Who died before the folder got its new name has left what nobody needs.
    void ForgetMove()
    {
        if (ReadAny() is not { IsMoving: true } state || state.ArchiveId == _archiveId)
            return;
        DeleteLog();
        var path = PathOf(StateName);
        Change(WriteStep.Unlink, path, () => PosixFile.Unlink(path));
    }

    /// <summary>Writes the state: durable, and whole or not at all.</summary>
    /// <exception cref="IOException">It can't be written; after that either state may be found.</exception>
    public void Write(LiveState state)
    {
        _ = Checked(state);
        var (path, made) = (PathOf(StateName), PathOf(NewStateName));
        using (var file = PosixFile.Open(made, OpenFlags.O_RDWR | OpenFlags.O_CREAT | OpenFlags.O_TRUNC | OpenFlags.O_NOFOLLOW, FileMode))
        {
            Change(WriteStep.Write, made, () => PosixFile.PwriteFully(file, state.ToBytes(), 0));
            Change(WriteStep.SyncFile, made, () => PosixFile.Fsync(file));
        }

        Change(WriteStep.Rename, made, () => PosixFile.Rename(made, path));
        Change(WriteStep.SyncFolder, Path, () => PosixFile.SyncDirectory(Path));
    }

    /// <summary>Deletes the log, of which the state that was written last needs nothing; the log is closed.</summary>
    /// <param name="keepsLocal">Whether what is local stays; otherwise there is nothing of it.</param>
    /// <exception cref="IOException">A file can't be deleted.</exception>
    public void DeleteLog(bool keepsLocal = false) => Delete(FilesOf(Path, kind => !keepsLocal || IsLog(kind)));

    /// <inheritdoc/>
    LocalList ILocalLists.Write(uint number, IReadOnlyList<ReadOnlyMemory<byte>> records)
    {
        var path = PathOf(LogNames.Of(LogFileKind.Local, number));
        using var file = PosixFile.Open(path, OpenFlags.O_RDWR | OpenFlags.O_CREAT | OpenFlags.O_TRUNC | OpenFlags.O_NOFOLLOW, FileMode);
        var list = default(LocalList);
        Change(WriteStep.Write, path, () => list = LocalListFile.Write(file, number, records));
        Change(WriteStep.SyncFile, path, () => PosixFile.Fsync(file));
        Change(WriteStep.SyncFolder, Path, () => PosixFile.SyncDirectory(Path));
        return list;
    }

    /// <inheritdoc/>
    List<byte[]> ILocalLists.Read(LocalList list)
    {
        var path = PathOf(LogNames.Of(LogFileKind.Local, list.Number));
        try
        {
            var error = PosixFile.TryOpen(path, OpenFlags.O_RDONLY | OpenFlags.O_NOFOLLOW, 0, out var file);
            using (file)
            {
                if (error != Errno.OK)
                    throw error == Errno.ENOENT ? new FormatInvalidException("the list of what is local is missing") : new PosixException(error, "open", path);
                return LocalListFile.Read(file, list);
            }
        }
        catch (FormatInvalidException fault)
        {
            throw fault.In(path);
        }
    }

    /// <inheritdoc/>
    void ILocalLists.DeleteOthers(LocalList? list) => DeleteLists(list?.Number);

    /// <summary>Deletes the lists of what is local that no state names any more.</summary>
    /// <param name="needed">The number of the one that the state names; null for none.</param>
    public void DeleteLists(uint? needed) =>
        Delete(FilesOf(Path, static kind => kind == LogFileKind.Local).Where(name => needed is null || name != LogNames.Of(LogFileKind.Local, needed.Value)));

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    static void Make(string path, WriteBoundary boundary)
    {
        boundary.Cross(WriteStep.Create, path, isDone: false);
        var error = PosixFile.TryMkdir(path, FolderMode);
        if (error is not (Errno.OK or Errno.EEXIST))
            throw new PosixException(error, "mkdir", path);

        // Also where it is there: whoever made it may have died before its name was durable.
        boundary.Cross(WriteStep.Create, path, isDone: true);
        PosixFile.SyncDirectory(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!);
    }

    static string ReadOwner(FileDescriptor lockFile)
    {
        Span<byte> text = stackalloc byte[LongestProcessId];
        var owner = Encoding.ASCII.GetString(text[..PosixFile.PreadUpTo(lockFile, text, 0)]).Trim();
        return owner.Length > 0 && owner.All(char.IsAsciiDigit) ? owner : "(unknown)";
    }

    static LiveState Parse(ReadOnlySpan<byte> bytes, string path)
    {
        try
        {
            return LiveState.Parse(bytes);
        }
        catch (FormatInvalidException fault)
        {
            throw fault.In(path);
        }
        catch (UserErrorException fault)
        {
            throw new UserErrorException($"{path}: {fault.Message}", fault);
        }
    }

    LiveState Checked(LiveState state) => state.ArchiveId == _archiveId
        ? state
        : throw new UserErrorException($"{Path} belongs to another archive, {state.ArchivePath} with the id {state.ArchiveId}");

    static bool IsLog(LogFileKind kind) => kind is LogFileKind.Journal or LogFileKind.Bulk;

    static List<string> FilesOf(string path, Predicate<LogFileKind> isMeant)
    {
        using var directory = PosixFile.Open(path, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
        return [.. Directories.SortedNames(directory).Select(Encoding.Latin1.GetString).Where(name => LogNames.TryParse(name, out var kind, out _) && isMeant(kind))];
    }

    void Delete(IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            var path = PathOf(name);
            Change(WriteStep.Unlink, path, () => PosixFile.Unlink(path));
        }
    }

    string PathOf(string name) => System.IO.Path.Combine(Path, name);

    void Change(WriteStep step, string path, Action change)
    {
        _boundary.Cross(step, path, isDone: false);
        change();
        _boundary.Cross(step, path, isDone: true);
    }
}
