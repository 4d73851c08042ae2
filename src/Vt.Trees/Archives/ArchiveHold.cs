using Vt.Posix;

namespace Vt.Trees.Archives;

/// <summary>
/// A claim on an archive for as long as somebody works on its newest state: one mount for writing alone (exclusive), or any number of
/// imports (shared). It goes with the process, however that dies, and is told by the file, not by a name: links and moved archives are the same.
/// </summary>
/// <remarks>
/// It is a lock on a range of bytes far behind any line, apart from the lock that each append takes on the whole file. So that others can say whose it is,
/// the range has as many bytes as the number of the process, and one.
/// </remarks>
public sealed class ArchiveHold : IDisposable
{
    const long Place = 1L << 62;

    // Locked as well by who is about to let go.
    const long EndingPlace = Place - 1;
    const uint NewFileMode = 0x1b6;

    readonly FileDescriptor _file;

    ArchiveHold(FileDescriptor file) => _file = file;

    /// <summary>Takes an archive, unless others have it in a way that excludes this.</summary>
    /// <param name="path">The archive; made, empty, where there is none.</param>
    /// <param name="kind">How.</param>
    /// <param name="holder">Where it is not taken: the number of a process that has it, and how.</param>
    /// <returns>The claim; null where others have it.</returns>
    /// <exception cref="PosixException">The file can't be opened for writing, or made.</exception>
    public static ArchiveHold? TryTake(string path, LockKind kind, out (int Process, LockKind Kind) holder)
    {
        while (true)
        {
            holder = default;
            var file = PosixFile.Open(path, OpenFlags.O_RDWR | OpenFlags.O_CREAT, NewFileMode);
            var isKept = false;
            try
            {
                if (!Locks.LockRange(file, kind, Place, 1 + Environment.ProcessId, wait: false))
                {
                    // Whoever it was may have let go by now.
                    if (Locks.FindRange(file, kind, Place, 1) is not { } other)
                        continue;
                    holder = ((int)(other.Length - 1), other.Kind);
                    return null;
                }

                var held = PosixFile.Fstat(file);
                isKept = PosixFile.TryStat(path, out var named) == Errno.OK && named.Inode == held.Inode && named.Device == held.Device;
                if (isKept)
                    return new ArchiveHold(file);
            }
            finally
            {
                if (!isKept)
                    file.Dispose();
            }
        }
    }

    /// <summary>Whether who has an archive is about to let go: whoever wants it had better wait than be refused.</summary>
    public static bool IsEnding(string path)
    {
        if (PosixFile.TryOpen(path, OpenFlags.O_RDWR, 0, out var file) != Errno.OK)
            return false;
        using (file)
            return Locks.FindRange(file, LockKind.Shared, EndingPlace, 1) is not null;
    }

    /// <summary>Tells others that this is about to let go.</summary>
    public void SayEnding() => Locks.LockRange(_file, LockKind.Exclusive, EndingPlace, 1, wait: false);

    /// <summary>Lets go.</summary>
    public void Dispose() => _file.Dispose();
}
