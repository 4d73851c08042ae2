using System.Runtime.InteropServices;

namespace Vt.Posix;

/// <summary>What makes a process independent of the terminal and the shell that started it (daemon(7)).</summary>
public static partial class Detachment
{
    /// <summary>Makes the process the leader of a session without a terminal (setsid(2)).</summary>
    /// <exception cref="PosixException">It leads a process group already.</exception>
    public static void StartSession()
    {
        if (setsid() < 0)
            throw new PosixException(Libc.LastError, "setsid");
    }

    /// <summary>Makes a descriptor another name of an open file, in place of what it was (dup2(2)).</summary>
    /// <param name="number">The descriptor: 0, 1 or 2.</param>
    /// <param name="file">The open file.</param>
    public static void Redirect(int number, FileDescriptor file)
    {
        if (dup2(file.Value, number) < 0)
            throw new PosixException(Libc.LastError, "dup2");
        GC.KeepAlive(file);
    }

    [LibraryImport(Libc.Name)]
    private static partial int setsid();

    [LibraryImport(Libc.Name)]
    private static partial int dup2(int from, int to);
}
