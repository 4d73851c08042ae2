using System.Globalization;
using System.Runtime.InteropServices;

namespace Vt.Posix.Rings;

/// <summary>The machine's processors by their numbers, and which of them threads run on (sched_setaffinity(2), sysfs).</summary>
public static unsafe partial class Processors
{
    const string PossibleFile = "/sys/devices/system/cpu/possible";
    const int MaskWords = 128; // 8192 processors, the most that Linux can be built for

    /// <summary>How many there are or may come to be while the system runs.</summary>
    /// <exception cref="IOException">sysfs doesn't say.</exception>
    public static int CountPossible() => CountListed(File.ReadAllText(PossibleFile));

    /// <summary>Those that this thread may run on.</summary>
    /// <exception cref="PosixException">The system doesn't say.</exception>
    public static IReadOnlyList<int> GetAllowed()
    {
        var mask = stackalloc ulong[MaskWords];
        new Span<ulong>(mask, MaskWords).Clear();
        if (sched_getaffinity(0, MaskWords * sizeof(ulong), mask) < 0)
            throw new PosixException(Libc.LastError, "sched_getaffinity");
        var allowed = new List<int>();
        for (var number = 0; number < MaskWords * 64; number++)
        {
            if ((mask[number / 64] >> (number % 64) & 1) != 0)
                allowed.Add(number);
        }

        return allowed;
    }

    /// <summary>Lets the calling thread run on one processor only.</summary>
    /// <param name="number">Which.</param>
    public static Errno TryPinCurrentThread(int number)
    {
        var mask = stackalloc ulong[MaskWords];
        new Span<ulong>(mask, MaskWords).Clear();
        mask[number / 64] = 1UL << (number % 64);
        return sched_setaffinity(0, MaskWords * sizeof(ulong), mask) < 0 ? Libc.LastError : Errno.OK;
    }

    /// <summary>How many numbers a list such as "0-3,8" has.</summary>
    internal static int CountListed(string list)
    {
        var count = 0;
        foreach (var part in list.Trim().Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var ends = part.Split('-');
            if (!int.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
                || !int.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var last) || last < first)
                throw new IOException($"{PossibleFile} says '{list.Trim()}'");
            count += last - first + 1;
        }

        return count > 0 ? count : throw new IOException($"{PossibleFile} is empty");
    }

    [LibraryImport(Libc.Name)]
    private static partial int sched_getaffinity(int thread, nuint size, ulong* mask);

    [LibraryImport(Libc.Name)]
    private static partial int sched_setaffinity(int thread, nuint size, ulong* mask);
}
