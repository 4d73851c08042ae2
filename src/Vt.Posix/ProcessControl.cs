using System.Runtime.InteropServices;

namespace Vt.Posix;

/// <summary>Processes and their limits: getpid(2), kill(2), prctl(2), getrlimit(2), isatty(3).</summary>
public static unsafe partial class ProcessControl
{
    /// <summary>Asks to end (signal(7)).</summary>
    public const int SIGTERM = 15;

    /// <summary>Ends at once.</summary>
    public const int SIGKILL = 9;

    /// <summary>The keyboard's interrupt.</summary>
    public const int SIGINT = 2;

    /// <summary>Open descriptors (getrlimit(2)).</summary>
    public const int RLIMIT_NOFILE = 7;

    /// <summary>Locked memory.</summary>
    public const int RLIMIT_MEMLOCK = 8;

    /// <summary>A signal for when the parent ends (prctl(2)).</summary>
    public const int PR_SET_PDEATHSIG = 1;

    /// <summary>The thread's name.</summary>
    public const int PR_SET_NAME = 15;

    /// <summary>Marks a process that serves block I/O, so that writing back never waits for itself.</summary>
    public const int PR_SET_IO_FLUSHER = 57;

    /// <summary>This process's number.</summary>
    public static int Id => getpid();

    /// <summary>Whether a process is there, whoever owns it.</summary>
    public static bool IsAlive(int pid) => TryKill(pid, 0) is Errno.OK or Errno.EPERM;

    /// <summary>Sends a signal, but answers with the error. 0 only asks whether one could.</summary>
    /// <param name="pid">One process: positive.</param>
    /// <param name="signal">Which.</param>
    public static Errno TryKill(int pid, int signal)
    {
        // 0 and negative numbers mean groups or everybody.
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(pid);
        return kill(pid, signal) < 0 ? Libc.LastError : Errno.OK;
    }

    /// <summary>Changes a trait of this process or thread, but answers with the error.</summary>
    public static Errno TryPrctl(int option, nuint argument) => prctl(option, argument, 0, 0, 0) < 0 ? Libc.LastError : Errno.OK;

    /// <summary>A limit: what holds now, and how far this process may raise it.</summary>
    public static (ulong Current, ulong Maximum) GetLimit(int resource)
    {
        var limit = stackalloc ulong[2];
        if (getrlimit(resource, limit) < 0)
            throw new PosixException(Libc.LastError, "getrlimit");
        return (limit[0], limit[1]);
    }

    /// <summary>Sets a limit, but answers with the error.</summary>
    public static Errno TrySetLimit(int resource, ulong current, ulong maximum)
    {
        var limit = stackalloc ulong[2] { current, maximum };
        return setrlimit(resource, limit) < 0 ? Libc.LastError : Errno.OK;
    }

    /// <summary>Whether a descriptor is a terminal.</summary>
    public static bool IsTerminal(int fd) => isatty(fd) == 1;

    /// <summary>Ends this process at once: no finalizers, no flushes (_exit(2)).</summary>
    public static void ExitNow(int code) => _exit(code);

    [LibraryImport(Libc.Name)]
    private static partial int getpid();

    [LibraryImport(Libc.Name)]
    private static partial int kill(int pid, int signal);

    [LibraryImport(Libc.Name)]
    private static partial int prctl(int option, nuint second, nuint third, nuint fourth, nuint fifth);

    [LibraryImport(Libc.Name)]
    private static partial int getrlimit(int resource, ulong* limit);

    [LibraryImport(Libc.Name)]
    private static partial int setrlimit(int resource, ulong* limit);

    [LibraryImport(Libc.Name)]
    private static partial int isatty(int fd);

    [LibraryImport(Libc.Name)]
    private static partial void _exit(int code);
}
