using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Vt.Posix;

/// <summary>
/// Goes through a directory's names in the kernel's order, <c>.</c> and <c>..</c> left out. A struct that rents one buffer once the first name is asked
/// for: use it with <c>foreach</c> or dispose it, and don't copy it after that.
/// </summary>
public unsafe ref partial struct DirectoryListing
{
    const int BufferSize = 64 * 1024;
    const int NameOffset = 19;

    readonly FileDescriptor _directory;
    byte[]? _buffer;
    int _length;
    int _next;
    int _current;
    bool _isDisposed;

    /// <summary>Starts at the directory's position: its start when it was just opened.</summary>
    /// <param name="directory">The directory, open for reading; borrowed.</param>
    public DirectoryListing(FileDescriptor directory) => _directory = directory;

    /// <summary>The entry that the last <see cref="MoveNext"/> reached.</summary>
    public readonly DirectoryEntry Current
    {
        get
        {
            // struct linux_dirent64: ino 8, off 8, reclen 2, type 1, name with its NUL.
            var record = _buffer.AsSpan(_current, _next - _current);
            var name = record[NameOffset..];
            return new DirectoryEntry(
                name[..name.IndexOf((byte)0)], BinaryPrimitives.ReadUInt64LittleEndian(record), (DirectoryEntryType)record[NameOffset - 1]);
        }
    }

    /// <summary>For <c>foreach</c>, which disposes what it gets here: so that has a buffer of its own.</summary>
    /// <exception cref="InvalidOperationException">Names were taken already: two would give one buffer back.</exception>
    public readonly DirectoryListing GetEnumerator() =>
        _buffer is null ? this : throw new InvalidOperationException("names of this listing were taken already");

    /// <summary>Moves to the next name.</summary>
    /// <returns>False at the end.</returns>
    /// <exception cref="PosixException">The directory can't be read further.</exception>
    public bool MoveNext()
    {
        while (true)
        {
            if (_next == _length && !Fill())
                return false;
            _current = _next;
            _next += BinaryPrimitives.ReadUInt16LittleEndian(_buffer.AsSpan(_current + 16));
            var name = _buffer.AsSpan(_current + NameOffset, 3);
            if (name[0] == '.' && (name[1] == 0 || (name[1] == '.' && name[2] == 0)))
                continue;
            return true;
        }
    }

    /// <summary>Gives the buffer back; the directory stays open.</summary>
    public void Dispose()
    {
        if (_buffer is not null)
            ArrayPool<byte>.Shared.Return(_buffer);
        (_buffer, _isDisposed) = (null, true);
    }

    bool Fill()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, typeof(DirectoryListing));
        _buffer ??= ArrayPool<byte>.Shared.Rent(BufferSize);
        fixed (byte* pointer = _buffer)
        {
            var got = getdents64(_directory.Value, pointer, BufferSize);
            var error = got < 0 ? Libc.LastError : Errno.OK;
            GC.KeepAlive(_directory);

            // A directory that was removed while it is open has no names any more.
            if (error is not Errno.OK and not Errno.ENOENT)
                throw new PosixException(error, "getdents64");
            _next = 0;
            _length = Math.Max((int)got, 0);
            return _length > 0;
        }
    }

    [LibraryImport(Libc.Name)]
    private static partial nint getdents64(int fd, byte* buffer, nuint size);
}
