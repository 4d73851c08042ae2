using Vt.Blocks.Contracts;
using Vt.Posix;

namespace Vt.Stores.Platonic;

/// <summary>Small files of the state folder that are replaced whole.</summary>
static class StateFile
{
    const string Temporary = ".new";

    /// <summary>Replaces a file durably, or makes it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="content">What it is to hold.</param>
    /// <param name="mode">Its permissions.</param>
    /// <param name="boundary">The crash tests' hook.</param>
    /// <exception cref="PosixException">It can't be written; what was there stays.</exception>
    public static void Replace(string path, ReadOnlySpan<byte> content, uint mode, WriteBoundary boundary)
    {
        var fresh = path + Temporary;
        boundary.Cross(WriteStep.Create, fresh, isDone: false);
        using (var file = PosixFile.Open(fresh, OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_TRUNC, mode))
        {
            PosixFile.PwriteFully(file, content, 0);
            boundary.Cross(WriteStep.SyncFile, fresh, isDone: false);
            PosixFile.Fsync(file);
        }

        boundary.Cross(WriteStep.Rename, fresh, isDone: false);
        PosixFile.Rename(fresh, path);
        var folder = Path.GetDirectoryName(path)!;
        boundary.Cross(WriteStep.SyncFolder, folder, isDone: false);
        PosixFile.SyncDirectory(folder);
        boundary.Cross(WriteStep.SyncFolder, folder, isDone: true);
    }
}
