using Vt.Blocks.Contracts;
using Vt.Posix;

namespace Vt.Files.Journal;

/// <summary>
/// Every change that a log makes on disk. Each crosses the <see cref="WriteBoundary"/> twice. After the first that failed none is made: what a failed
/// sync should have made durable the kernel may have dropped, and a second sync would say that all is well. Thread-safe.
/// </summary>
/// <param name="folder">The log's folder.</param>
/// <param name="boundary">The crash tests' hook.</param>
sealed class LogDisk(string folder, WriteBoundary boundary)
{
    const uint FileMode = 0x180;

    IOException? _failure;

    /// <summary>The log's folder; set while nothing is changed in it.</summary>
    public string Folder { get; set; } = folder;

    /// <summary>Whether a change failed.</summary>
    public bool HasFailed => Volatile.Read(ref _failure) is not null;

    /// <summary>Refuses to go on after a failure, with its cause.</summary>
    public void ThrowIfFailed()
    {
        if (Volatile.Read(ref _failure) is { } failure)
            throw Again(failure);
    }

    /// <summary>Makes a file.</summary>
    /// <exception cref="PosixException">It can't be made. Want of room is no failure of the log.</exception>
    public FileDescriptor Create(string path)
    {
        boundary.Cross(WriteStep.Create, path, isDone: false);
        var file = PosixFile.Open(path, OpenFlags.O_RDWR | OpenFlags.O_CREAT | OpenFlags.O_EXCL, FileMode);
        boundary.Cross(WriteStep.Create, path, isDone: true);
        return file;
    }

    /// <summary>Writes a range.</summary>
    /// <param name="segment">The file.</param>
    /// <param name="bytes">The bytes.</param>
    /// <param name="offset">Where.</param>
    /// <param name="mayBeFull">Whether want of room is the caller's to deal with, and no failure of the log.</param>
    public void Write(LogSegment segment, ReadOnlySpan<byte> bytes, long offset, bool mayBeFull = false)
    {
        ThrowIfFailed();
        try
        {
            boundary.Cross(WriteStep.Write, segment.Path, isDone: false);
            PosixFile.PwriteFully(segment.File!, bytes, offset);
            boundary.Cross(WriteStep.Write, segment.Path, isDone: true);
        }
        catch (PosixException cause) when (mayBeFull && IsFull(cause))
        {
            throw new PosixException(cause.Error, cause.Call, segment.Path);
        }
        catch (IOException cause)
        {
            throw Fail(cause, segment.Path);
        }
    }

    /// <summary>Takes room.</summary>
    /// <returns>Whether the file system can do that.</returns>
    /// <exception cref="PosixException">There is no room; that is no failure of the log.</exception>
    public bool TryAllocate(LogSegment segment, long offset, long length)
    {
        ThrowIfFailed();
        var error = PosixFile.TryFallocate(segment.File!, 0, offset, length);
        if (error is Errno.EOPNOTSUPP or Errno.ENOSYS)
            return false;
        return error == Errno.OK ? true : throw new PosixException(error, "fallocate", segment.Path);
    }

    /// <summary>Makes a file's content durable.</summary>
    public void Sync(LogSegment segment)
    {
        ThrowIfFailed();
        try
        {
            boundary.Cross(WriteStep.SyncFile, segment.Path, isDone: false);
            PosixFile.Fdatasync(segment.File!);
            boundary.Cross(WriteStep.SyncFile, segment.Path, isDone: true);
        }
        catch (IOException cause)
        {
            throw Fail(cause, segment.Path);
        }
    }

    /// <summary>Makes the folder's names durable.</summary>
    public void SyncFolder()
    {
        ThrowIfFailed();
        try
        {
            boundary.Cross(WriteStep.SyncFolder, Folder, isDone: false);
            PosixFile.SyncDirectory(Folder);
            boundary.Cross(WriteStep.SyncFolder, Folder, isDone: true);
        }
        catch (IOException cause)
        {
            throw Fail(cause, Folder);
        }
    }

    /// <summary>Renames a file.</summary>
    public void Rename(string from, string to)
    {
        ThrowIfFailed();
        try
        {
            boundary.Cross(WriteStep.Rename, from, isDone: false);
            PosixFile.Rename(from, to);
            boundary.Cross(WriteStep.Rename, from, isDone: true);
        }
        catch (IOException cause)
        {
            throw Fail(cause, from);
        }
    }

    /// <summary>Deletes a file; one that is gone already is no failure.</summary>
    public void Unlink(string path)
    {
        ThrowIfFailed();
        try
        {
            boundary.Cross(WriteStep.Unlink, path, isDone: false);
            var error = PosixFile.TryUnlink(path);
            if (error is not (Errno.OK or Errno.ENOENT))
                throw new PosixException(error, "unlink", path);
            boundary.Cross(WriteStep.Unlink, path, isDone: true);
        }
        catch (IOException cause)
        {
            throw Fail(cause, path);
        }
    }

    /// <summary>Tells the hook that an epoch begins or is dropped, which in itself changes nothing on disk.</summary>
    public void Pass(string path, bool isDone) => boundary.Cross(WriteStep.Append, path, isDone);

    /// <summary>Keeps a failure if it is the first, and gives what to throw.</summary>
    public IOException Fail(IOException cause, string path)
    {
        var named = cause is PosixException { Path: null } plain ? new PosixException(plain.Error, plain.Call, path) : cause;
        return Interlocked.CompareExchange(ref _failure, named, null) is { } first ? Again(first) : named;
    }

    /// <summary>Whether a call failed for want of room.</summary>
    public static bool IsFull(PosixException failure) => failure.Error is Errno.ENOSPC or Errno.EDQUOT;

    static IOException Again(IOException failure) =>
        failure is PosixException posix ? new PosixException(posix.Error, posix.Call, posix.Path) : new IOException(failure.Message, failure);
}
