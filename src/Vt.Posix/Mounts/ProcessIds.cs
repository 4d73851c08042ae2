using System.Runtime.InteropServices;

namespace Vt.Posix.Mounts;

/// <summary>Who this process acts as (geteuid(2), getegid(2)).</summary>
public static partial class ProcessIds
{
    /// <summary>The effective user id.</summary>
    public static uint User => geteuid();

    /// <summary>The effective group id.</summary>
    public static uint Group => getegid();

    [LibraryImport(Libc.Name)]
    private static partial uint geteuid();

    [LibraryImport(Libc.Name)]
    private static partial uint getegid();
}
