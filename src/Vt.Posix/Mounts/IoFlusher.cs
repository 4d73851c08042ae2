using System.Runtime.InteropServices;

namespace Vt.Posix.Mounts;

/// <summary>Marks threads that serve a filesystem, so that the kernel's search for memory doesn't wait for them (prctl(2)).</summary>
public static partial class IoFlusher
{
    const int PR_SET_IO_FLUSHER = 57;

    /// <summary>Marks the calling thread; needs CAP_SYS_RESOURCE.</summary>
    public static Errno TrySetCurrentThread() => prctl(PR_SET_IO_FLUSHER, 1, 0, 0, 0) < 0 ? Libc.LastError : Errno.OK;

    [LibraryImport(Libc.Name)]
    private static partial int prctl(int option, nuint argument2, nuint argument3, nuint argument4, nuint argument5);
}
