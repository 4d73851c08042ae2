using System.Runtime.InteropServices;

namespace Vt.Posix;

/// <summary>What every family of calls needs to reach the C library.</summary>
static class Libc
{
    /// <summary>The library; the runtime knows this name and loads libc.so.6.</summary>
    public const string Name = "libc";

    /// <summary>errno, to be read straight after a call that failed.</summary>
    public static Errno LastError => (Errno)Marshal.GetLastSystemError();
}
