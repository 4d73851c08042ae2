using System.Runtime.InteropServices;

namespace Vt.Posix;

/// <summary>A time to set, or a word that leaves it alone or takes the clock's (utimensat(2)).</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct TimeSetting
{
    const long UTIME_NOW = 0x3fffffff;
    const long UTIME_OMIT = 0x3ffffffe;

    readonly long _seconds;
    readonly long _nanoseconds;

    TimeSetting(long seconds, long nanoseconds)
    {
        _seconds = seconds;
        _nanoseconds = nanoseconds;
    }

    /// <summary>The clock's time.</summary>
    public static TimeSetting Now => new(0, UTIME_NOW);

    /// <summary>Leaves the time as it is.</summary>
    public static TimeSetting Omit => new(0, UTIME_OMIT);

    /// <summary>A time in seconds since 1970 and nanoseconds after them.</summary>
    public static TimeSetting At(long seconds, uint nanoseconds)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(nanoseconds, 999_999_999u);
        return new(seconds, nanoseconds);
    }

    /// <summary>A time in nanoseconds since 1970.</summary>
    public static TimeSetting At(long totalNanoseconds)
    {
        var seconds = Math.DivRem(totalNanoseconds, 1_000_000_000, out var rest);
        return rest < 0 ? new(seconds - 1, rest + 1_000_000_000) : new(seconds, rest);
    }
}
