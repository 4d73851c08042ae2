using System.Globalization;
using Vt.Blocks.Contracts;
using Vt.Posix;

namespace Vt.Stores.DataDir.Index;

/// <summary>
/// The files of an index folder: <c>LEVEL-ID.run</c> are merged runs, <c>*.tmp</c> are runs being written, <c>lock</c> is held by
/// whoever merges. All of it is derived and may be deleted at any time.
/// </summary>
/// <param name="path">The folder; it need not exist.</param>
/// <param name="boundary">The crash tests' hook.</param>
sealed class IndexFolder(string path, WriteBoundary boundary)
{
    const string RunSuffix = ".run";
    const string TemporarySuffix = ".tmp";
    const uint FileMode = 0x1a4;

    /// <summary>The folder.</summary>
    public string Path => path;

    /// <summary>When the folder last changed, in nanoseconds since 1970; 0 where there is none.</summary>
    /// <exception cref="PosixException">It can't be looked at.</exception>
    public long Changed()
    {
        var error = PosixFile.TryStat(path, out var status);
        if (error == Errno.ENOENT)
            return 0;
        return error == 0 ? (long)status.ModificationTime.TotalNanoseconds : throw new PosixException(error, "stat", path);
    }

    /// <summary>Paths of all runs, in no order; empty where there is no folder.</summary>
    /// <exception cref="IOException">The folder can't be read.</exception>
    public List<string> Runs() => WithSuffix(RunSuffix);

    /// <summary>Makes the folder where there is none.</summary>
    /// <returns>Whether files can be made in it.</returns>
    public bool TryPrepare()
    {
        var error = PosixFile.TryMkdir(path);
        return error is 0 or Errno.EEXIST
            ? TryLock(wait: false, out var held) is not (Errno.EROFS or Errno.EACCES or Errno.EPERM) && Dispose(held)
            : error is Errno.EROFS or Errno.EACCES or Errno.EPERM ? false : throw new PosixException(error, "mkdir", path);
    }

    /// <summary>Takes the lock that merging needs; closing what it gives lets it go.</summary>
    /// <param name="wait">Whether to wait for another process.</param>
    /// <param name="held">The lock, or null where another process has it or nothing may be written.</param>
    /// <returns>Why the lock's file could not be opened; 0 where it was.</returns>
    public Errno TryLock(bool wait, out FileDescriptor? held)
    {
        held = null;
        var error = PosixFile.TryOpen(System.IO.Path.Combine(path, "lock"), OpenFlags.O_RDWR | OpenFlags.O_CREAT, FileMode, out var file);
        if (error != 0)
            return error;
        if (Locks.Flock(file, LockKind.Exclusive, wait))
            held = file;
        else
            file.Dispose();
        return 0;
    }

    /// <summary>Writes a run under a temporary name, makes it durable and gives it its own name.</summary>
    /// <param name="level">The level, which is part of the name for people to see.</param>
    /// <param name="write">Writes the run and returns its length.</param>
    /// <exception cref="PosixException">Something failed; nothing is left behind but perhaps the temporary file.</exception>
    public RunPlace Create(int level, Func<RunOutput, long> write)
    {
        var id = PackId.Create();
        var temporary = System.IO.Path.Combine(path, $"{id}{TemporarySuffix}");
        var final = System.IO.Path.Combine(path, string.Create(CultureInfo.InvariantCulture, $"{level}-{id}{RunSuffix}"));
        try
        {
            long length;
            boundary.Cross(WriteStep.Create, temporary, isDone: false);
            using (var file = PosixFile.Open(temporary, OpenFlags.O_RDWR | OpenFlags.O_CREAT | OpenFlags.O_EXCL, FileMode))
            {
                boundary.Cross(WriteStep.Write, temporary, isDone: false);
                length = write(new FileRunOutput(file, 0));
                boundary.Cross(WriteStep.SyncFile, temporary, isDone: false);
                PosixFile.Fsync(file);
            }

            boundary.Cross(WriteStep.Rename, temporary, isDone: false);
            PosixFile.Rename(temporary, final);
            boundary.Cross(WriteStep.SyncFolder, path, isDone: false);
            PosixFile.SyncDirectory(path);
            boundary.Cross(WriteStep.SyncFolder, path, isDone: true);
            return new RunPlace(final, 0, length);
        }
        catch
        {
            PosixFile.TryUnlink(temporary);
            throw;
        }
    }

    /// <summary>Deletes temporary files that an interrupted merge left. Only under the lock.</summary>
    public void RemoveTemporaries()
    {
        foreach (var temporary in WithSuffix(TemporarySuffix))
            Remove(temporary);
    }

    /// <summary>Deletes a file if that can be done. One that stays is only clutter: the next merge tries again.</summary>
    public void Remove(string file)
    {
        try
        {
            boundary.Cross(WriteStep.Unlink, file, isDone: false);
            PosixFile.TryUnlink(file);
        }
        catch (PosixException)
        {
            // A test's failing disk.
        }
    }

    static bool Dispose(FileDescriptor? held)
    {
        held?.Dispose();
        return true;
    }

    List<string> WithSuffix(string suffix)
    {
        try
        {
            return [.. Directory.EnumerateFiles(path).Where(file => file.EndsWith(suffix, StringComparison.Ordinal))];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }
}
