using System.Runtime.InteropServices;

namespace Vt.Posix.Rings;

/// <summary>Zeroed memory of whole pages, which takes room only where it was touched (mmap(2)).</summary>
public sealed unsafe partial class AnonymousMemory : IDisposable
{
    const int PROT_READ_WRITE = 3;
    const int MAP_PRIVATE_ANONYMOUS_NORESERVE = 0x4022;
    const int MADV_NOHUGEPAGE = 15;

    readonly nuint _length;

    /// <param name="length">Bytes.</param>
    /// <exception cref="PosixException">There is no room for it in the address space.</exception>
    public AnonymousMemory(long length)
    {
        _length = (nuint)length;
        var address = mmap(null, _length, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS_NORESERVE, -1, 0);
        if ((nint)address == -1)
            throw new PosixException(Libc.LastError, "mmap");
        Start = (byte*)address;

        // One touched byte is to take one page.
        _ = madvise(address, _length, MADV_NOHUGEPAGE);
    }

    /// <summary>Its first byte, at a page's start; null after disposal.</summary>
    public byte* Start { get; private set; }

    /// <summary>Gives it back; nobody may use it any more.</summary>
    public void Dispose()
    {
        if (Start is not null)
            _ = munmap(Start, _length);
        Start = null;
    }

    [LibraryImport(Libc.Name)]
    private static partial void* mmap(void* address, nuint length, int protection, int flags, int fd, long offset);

    [LibraryImport(Libc.Name)]
    private static partial int munmap(void* address, nuint length);

    [LibraryImport(Libc.Name)]
    private static partial int madvise(void* address, nuint length, int advice);
}
