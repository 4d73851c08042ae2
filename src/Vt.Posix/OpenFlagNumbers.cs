using System.Runtime.InteropServices;

namespace Vt.Posix;

/// <summary>Turns <see cref="OpenFlags"/> into this machine's numbers.</summary>
static class OpenFlagNumbers
{
    const int Moved = (int)(OpenFlags.O_DIRECT | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW);

    public static int ToNative(OpenFlags flags)
    {
        var value = (int)flags;
        if (RuntimeInformation.ProcessArchitecture != Architecture.Arm64 || (value & Moved) == 0)
            return value;

        // asm/fcntl.h of arm64: these three have places of their own there.
        var native = value & ~Moved;
        if ((flags & OpenFlags.O_DIRECTORY) != 0)
            native |= 0x4000;
        if ((flags & OpenFlags.O_NOFOLLOW) != 0)
            native |= 0x8000;
        if ((flags & OpenFlags.O_DIRECT) != 0)
            native |= 0x10000;
        return native;
    }
}
