using System.Runtime.InteropServices;

namespace Vt.Posix;

/// <summary>
/// A file mapped into memory (mmap(2)). Spans are valid until disposal; the owner sees to it that nobody uses one after.
/// Reading a page that lies behind the file's end, because somebody cut it short, kills the process: map only what stays.
/// </summary>
public sealed unsafe partial class MemoryMap : IDisposable
{
    /// <summary>No special treatment (madvise(2)).</summary>
    public const int MADV_NORMAL = 0;

    /// <summary>Pages will be wanted here and there.</summary>
    public const int MADV_RANDOM = 1;

    /// <summary>Pages will be wanted in order.</summary>
    public const int MADV_SEQUENTIAL = 2;

    /// <summary>Pages will be wanted soon.</summary>
    public const int MADV_WILLNEED = 3;

    /// <summary>Pages will not be wanted soon.</summary>
    public const int MADV_DONTNEED = 4;

    const int PROT_READ = 1;
    const int PROT_WRITE = 2;
    const int MAP_SHARED = 1;
    const int MS_SYNC = 4;

    readonly int _lead;
    byte* _start;

    /// <summary>Maps a range of a file; the descriptor may be closed afterwards.</summary>
    /// <param name="file">The file.</param>
    /// <param name="offset">Where it starts, in bytes; any number.</param>
    /// <param name="length">How many bytes; 0 makes an empty map.</param>
    /// <param name="writable">Whether writes go to the file; the file is open for both then.</param>
    /// <exception cref="EndOfStreamException">The file ends before the range does.</exception>
    public MemoryMap(FileDescriptor file, long offset, long length, bool writable = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        Length = length;
        IsWritable = writable;
        if (length == 0)
            return;
        var size = PosixFile.Fstat(file).Size;
        if (length > size - offset)
            throw new EndOfStreamException($"{length} bytes at {offset} can't be mapped from a file of {size}");

        // The kernel maps from page to page.
        _lead = (int)(offset % Environment.SystemPageSize);
        var address = mmap(null, (nuint)(_lead + length), PROT_READ | (writable ? PROT_WRITE : 0), MAP_SHARED, file.Value, offset - _lead);
        if ((nint)address == -1)
            throw new PosixException(Libc.LastError, "mmap");
        GC.KeepAlive(file);
        _start = (byte*)address + _lead;
    }

    /// <summary>Unmaps what nobody disposed.</summary>
    ~MemoryMap() => Unmap();

    /// <summary>How many bytes are mapped.</summary>
    public long Length { get; }

    /// <summary>Whether writes go to the file.</summary>
    public bool IsWritable { get; }

    /// <summary>Bytes of the map, in place.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range is not inside the map.</exception>
    public ReadOnlySpan<byte> Span(long offset, int length) => new(At(offset, length), length);

    /// <summary>Bytes of a writable map, in place.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range is not inside the map.</exception>
    /// <exception cref="InvalidOperationException">The map is read-only.</exception>
    public Span<byte> WritableSpan(long offset, int length) =>
        IsWritable ? new(At(offset, length), length) : throw new InvalidOperationException("the map is read-only");

    /// <summary>Tells the kernel how a range will be used; it may ignore it (madvise(2)).</summary>
    /// <param name="offset">Where; the whole pages that the range touches are meant.</param>
    /// <param name="length">How many bytes.</param>
    /// <param name="advice">One of the MADV values.</param>
    public void Advise(long offset, long length, int advice)
    {
        if (length == 0)
            return;
        var lead = (_lead + offset) % Environment.SystemPageSize;
        _ = madvise(At(offset, length) - lead, (nuint)(length + lead), advice);
        GC.KeepAlive(this);
    }

    /// <summary>Makes writes durable (msync(2)).</summary>
    public void Flush()
    {
        if (Length == 0)
            return;
        if (msync(At(0, Length) - _lead, (nuint)(_lead + Length), MS_SYNC) < 0)
            throw new PosixException(Libc.LastError, "msync");
        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Unmap();
        GC.SuppressFinalize(this);
    }

    byte* At(long offset, long length)
    {
        ObjectDisposedException.ThrowIf(_start is null && Length != 0, this);
        if ((ulong)offset > (ulong)Length || (ulong)length > (ulong)(Length - offset))
            throw new ArgumentOutOfRangeException(nameof(offset), $"{length} bytes at {offset} are not inside a map of {Length}");
        return _start + offset;
    }

    void Unmap()
    {
        if (_start is not null)
            _ = munmap(_start - _lead, (nuint)(_lead + Length));
        _start = null;
    }

    [LibraryImport(Libc.Name)]
    private static partial void* mmap(void* address, nuint length, int protection, int flags, int fd, long offset);

    [LibraryImport(Libc.Name)]
    private static partial int munmap(void* address, nuint length);

    [LibraryImport(Libc.Name)]
    private static partial int madvise(void* address, nuint length, int advice);

    [LibraryImport(Libc.Name)]
    private static partial int msync(void* address, nuint length, int flags);
}
