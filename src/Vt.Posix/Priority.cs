using System.Runtime.InteropServices;

namespace Vt.Posix;

/// <summary>How urgent a process is: setpriority(2), ioprio_set(2).</summary>
public static partial class Priority
{
    const int PRIO_PROCESS = 0;
    const int IOPRIO_WHO_PROCESS = 1;
    const int IOPRIO_CLASS_IDLE = 3;
    const int IOPRIO_CLASS_SHIFT = 13;

    static long SetIoPriorityNumber => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 30 : 251;

    /// <summary>
    /// Makes every thread of this process, and those that they will start, give way to others: to the processor with a nice value, to the disk altogether.
    /// What isn't allowed is left.
    /// </summary>
    /// <param name="nice">From 0, as usual, to 19.</param>
    public static void GiveWay(int nice)
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc/self/task"))
        {
            if (!int.TryParse(Path.GetFileName(folder), out var thread))
                continue;
            _ = setpriority(PRIO_PROCESS, thread, nice);
            _ = syscall(SetIoPriorityNumber, IOPRIO_WHO_PROCESS, thread, IOPRIO_CLASS_IDLE << IOPRIO_CLASS_SHIFT);
        }
    }

    [LibraryImport(Libc.Name)]
    private static partial int setpriority(int which, int who, int value);

    [LibraryImport(Libc.Name)]
    private static partial long syscall(long number, long which, long who, long priority);
}
