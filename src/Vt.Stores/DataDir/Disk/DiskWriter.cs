using Vt.Blocks.Contracts;
using Vt.Posix;

namespace Vt.Stores.DataDir.Disk;

/// <summary>
/// Every change that a DataDir makes on disk, apart from those to the derived index, which are <see cref="Index.IndexFolder"/>'s. Each crosses the
/// <see cref="WriteBoundary"/> twice and none is made after one has failed. Thread-safe.
/// </summary>
/// <param name="boundary">The crash tests' hook.</param>
/// <param name="failure">Where the first failure is kept.</param>
sealed class DiskWriter(WriteBoundary boundary, WriteFailure failure)
{
    const uint FileMode = 0x1a4;

    /// <summary>The first failure, if any.</summary>
    public WriteFailure Failure => failure;

    /// <summary>Makes a file that must not be there, for reading and writing.</summary>
    public FileDescriptor Create(string path)
    {
        Begin(WriteStep.Create, path);
        return Run(WriteStep.Create, path, () => PosixFile.Open(path, OpenFlags.O_RDWR | OpenFlags.O_CREAT | OpenFlags.O_EXCL, FileMode));
    }

    /// <summary>Opens a file whose writes all go to its end, making it where there is none.</summary>
    public FileDescriptor OpenForAppend(string path)
    {
        Begin(WriteStep.Create, path);
        return Run(WriteStep.Create, path, () => PosixFile.Open(path, OpenFlags.O_RDWR | OpenFlags.O_CREAT | OpenFlags.O_APPEND, FileMode));
    }

    /// <summary>Writes a range.</summary>
    public void Write(FileDescriptor file, string path, ReadOnlySpan<byte> bytes, long offset)
    {
        Begin(WriteStep.Write, path);
        try
        {
            PosixFile.PwriteFully(file, bytes, offset);
            boundary.Cross(WriteStep.Write, path, isDone: true);
        }
        catch (IOException cause)
        {
            throw failure.Set(Named(cause, path));
        }
    }

    /// <summary>Writes to the end of a file that <see cref="OpenForAppend"/> opened.</summary>
    public void Append(FileDescriptor file, string path, ReadOnlySpan<byte> bytes)
    {
        Begin(WriteStep.Append, path);
        try
        {
            PosixFile.WriteFully(file, bytes);
            boundary.Cross(WriteStep.Append, path, isDone: true);
        }
        catch (IOException cause)
        {
            throw failure.Set(Named(cause, path));
        }
    }

    /// <summary>Makes a file's content durable.</summary>
    public void Sync(FileDescriptor file, string path)
    {
        Begin(WriteStep.SyncFile, path);
        Run(WriteStep.SyncFile, path, () => PosixFile.Fdatasync(file));
    }

    /// <summary>Makes a folder's names durable.</summary>
    public void SyncFolder(string path)
    {
        Begin(WriteStep.SyncFolder, path);
        Run(WriteStep.SyncFolder, path, () => PosixFile.SyncDirectory(path));
    }

    /// <summary>Renames a file.</summary>
    public void Rename(string from, string to)
    {
        Begin(WriteStep.Rename, from);
        Run(WriteStep.Rename, from, () => PosixFile.Rename(from, to));
    }

    /// <summary>Cuts a file short.</summary>
    public void Truncate(FileDescriptor file, string path, long length)
    {
        Begin(WriteStep.Truncate, path);
        Run(WriteStep.Truncate, path, () => PosixFile.Ftruncate(file, length));
    }

    /// <summary>Deletes a file; one that is gone already is no failure.</summary>
    public void Unlink(string path)
    {
        Begin(WriteStep.Unlink, path);
        Run(WriteStep.Unlink, path, () =>
        {
            var error = PosixFile.TryUnlink(path);
            if (error != 0 && error != Errno.ENOENT)
                throw new PosixException(error, "unlink", path);
        });
    }

    void Begin(WriteStep step, string path)
    {
        failure.ThrowIfSet();
        try
        {
            boundary.Cross(step, path, isDone: false);
        }
        catch (IOException cause)
        {
            throw failure.Set(Named(cause, path));
        }
    }

    void Run(WriteStep step, string path, Action change) => Run(step, path, () =>
    {
        change();
        return true;
    });

    T Run<T>(WriteStep step, string path, Func<T> change)
    {
        try
        {
            var made = change();
            boundary.Cross(step, path, isDone: true);
            return made;
        }
        catch (IOException cause)
        {
            throw failure.Set(Named(cause, path));
        }
    }

    /// <summary>The failure with the file's name, which calls on descriptors don't know.</summary>
    static IOException Named(IOException cause, string path) =>
        cause is PosixException { Path: null } plain ? new PosixException(plain.Error, plain.Call, path) : cause;
}
