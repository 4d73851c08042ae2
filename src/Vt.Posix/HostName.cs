using System.Runtime.InteropServices;
using System.Text;

namespace Vt.Posix;

/// <summary>What this machine is called.</summary>
public static unsafe partial class HostName
{
    // HOST_NAME_MAX of limits.h and the byte 0.
    const int Longest = 65;

    /// <summary>The name in full, as uname(1) prints it.</summary>
    /// <exception cref="PosixException">gethostname(2) fails.</exception>
    public static string Read()
    {
        var name = stackalloc byte[Longest];
        if (gethostname(name, Longest) != 0)
            throw new PosixException(Libc.LastError, "gethostname");
        return Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name));
    }

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int gethostname(byte* name, nuint length);
}
