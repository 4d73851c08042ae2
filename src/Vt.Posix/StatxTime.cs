using System.Runtime.InteropServices;

namespace Vt.Posix;

/// <summary>A time as the kernel tells it: seconds since 1970, UTC, and nanoseconds after them (statx(2)).</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct StatxTime
{
    readonly long _seconds;
    readonly uint _nanoseconds;
    readonly int _reserved;

    /// <summary>Seconds since 1970; negative before.</summary>
    public long Seconds => _seconds;

    /// <summary>Nanoseconds after the second, from 0 to 999,999,999.</summary>
    public uint Nanoseconds => _nanoseconds;

    /// <summary>All nanoseconds since 1970: the years 1677 to 2262 fit; times beyond give the nearest end.</summary>
    public long TotalNanoseconds
    {
        get
        {
            const long perSecond = 1_000_000_000;
            return _seconds switch
            {
                >= long.MaxValue / perSecond => long.MaxValue,
                < long.MinValue / perSecond => long.MinValue,
                _ => (_seconds * perSecond) + _nanoseconds,
            };
        }
    }
}
