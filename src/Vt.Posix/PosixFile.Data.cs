using System.Runtime.InteropServices;

namespace Vt.Posix;

/// <summary>Reading, writing and making durable: pread(2), pwrite(2), fsync(2), syncfs(2), ftruncate(2), fallocate(2), lseek(2), copy_file_range(2).</summary>
public static unsafe partial class PosixFile
{
    /// <summary>Takes space without changing the size (fallocate(2)).</summary>
    public const int FALLOC_FL_KEEP_SIZE = 1;

    /// <summary>Turns a range into a hole; needs <see cref="FALLOC_FL_KEEP_SIZE"/> too.</summary>
    public const int FALLOC_FL_PUNCH_HOLE = 2;

    /// <summary>From the file's start (lseek(2)).</summary>
    public const int SEEK_SET = 0;

    /// <summary>From the position.</summary>
    public const int SEEK_CUR = 1;

    /// <summary>From the file's end.</summary>
    public const int SEEK_END = 2;

    /// <summary>The next data at or after the offset.</summary>
    public const int SEEK_DATA = 3;

    /// <summary>The next hole at or after the offset; the end counts as one.</summary>
    public const int SEEK_HOLE = 4;

    /// <summary>The file will be read from start to end: read ahead more (posix_fadvise(2)).</summary>
    public const int POSIX_FADV_SEQUENTIAL = 2;

    /// <summary>The range will be needed soon.</summary>
    public const int POSIX_FADV_WILLNEED = 3;

    /// <summary>The range will not be needed again.</summary>
    public const int POSIX_FADV_DONTNEED = 4;

    const uint SyncFileRangeWrite = 2; // <linux/fs.h>

    /// <summary>Reads at a place, leaving the position alone.</summary>
    /// <param name="file">The file.</param>
    /// <param name="buffer">Receives the bytes.</param>
    /// <param name="offset">Where, in bytes.</param>
    /// <returns>How many bytes came: fewer than asked near the end, 0 at and after it.</returns>
    public static int Pread(FileDescriptor file, Span<byte> buffer, long offset)
    {
        var error = TryPread(file, buffer, offset, out var count);
        return error == Errno.OK ? count : throw new PosixException(error, "pread");
    }

    /// <summary>Reads as <see cref="Pread"/>, but answers with the error.</summary>
    public static Errno TryPread(FileDescriptor file, Span<byte> buffer, long offset, out int count)
    {
        fixed (byte* pointer = buffer)
        {
            while (true)
            {
                var got = pread(file.Value, pointer, (nuint)buffer.Length, offset);
                var error = got < 0 ? Libc.LastError : Errno.OK;
                if (error == Errno.EINTR)
                    continue;
                GC.KeepAlive(file);
                count = (int)got;
                return error;
            }
        }
    }

    /// <summary>Reads until the buffer is full or the file ends.</summary>
    /// <returns>How many bytes came; fewer than asked only where the file ended.</returns>
    public static int PreadUpTo(FileDescriptor file, Span<byte> buffer, long offset)
    {
        var done = 0;
        while (done < buffer.Length)
        {
            var got = Pread(file, buffer[done..], offset + done);
            if (got == 0)
                break;
            done += got;
        }

        return done;
    }

    /// <summary>Fills the buffer.</summary>
    /// <exception cref="EndOfStreamException">The file ended before.</exception>
    public static void PreadFully(FileDescriptor file, Span<byte> buffer, long offset)
    {
        var got = PreadUpTo(file, buffer, offset);
        if (got < buffer.Length)
            throw new EndOfStreamException($"the file ends {buffer.Length - got} bytes before {offset + buffer.Length}");
    }

    /// <summary>Reads from the position (read(2)): for pipes, terminals and devices.</summary>
    /// <returns>How many bytes came; 0 at the end.</returns>
    public static int Read(FileDescriptor file, Span<byte> buffer)
    {
        var error = TryRead(file, buffer, out var count);
        return error == Errno.OK ? count : throw new PosixException(error, "read");
    }

    /// <summary>Reads as <see cref="Read"/>, but answers with the error.</summary>
    public static Errno TryRead(FileDescriptor file, Span<byte> buffer, out int count)
    {
        fixed (byte* pointer = buffer)
        {
            while (true)
            {
                var got = read(file.Value, pointer, (nuint)buffer.Length);
                var error = got < 0 ? Libc.LastError : Errno.OK;
                if (error == Errno.EINTR)
                    continue;
                GC.KeepAlive(file);
                count = (int)got;
                return error;
            }
        }
    }

    /// <summary>Writes at a place, leaving the position alone.</summary>
    /// <returns>How many bytes were taken; at least one of a buffer that isn't empty.</returns>
    public static int Pwrite(FileDescriptor file, ReadOnlySpan<byte> buffer, long offset)
    {
        var error = TryPwrite(file, buffer, offset, out var count);
        return error == Errno.OK ? count : throw new PosixException(error, "pwrite");
    }

    /// <summary>Writes as <see cref="Pwrite"/>, but answers with the error.</summary>
    public static Errno TryPwrite(FileDescriptor file, ReadOnlySpan<byte> buffer, long offset, out int count)
    {
        fixed (byte* pointer = buffer)
        {
            while (true)
            {
                var put = pwrite(file.Value, pointer, (nuint)buffer.Length, offset);
                var error = put < 0 ? Libc.LastError : Errno.OK;
                if (error == Errno.EINTR)
                    continue;
                GC.KeepAlive(file);
                count = (int)put;
                return error;
            }
        }
    }

    /// <summary>Writes the whole buffer.</summary>
    public static void PwriteFully(FileDescriptor file, ReadOnlySpan<byte> buffer, long offset)
    {
        while (!buffer.IsEmpty)
        {
            var put = Pwrite(file, buffer, offset);
            if (put == 0)
                throw new PosixException(Errno.EIO, "pwrite");
            buffer = buffer[put..];
            offset += put;
        }
    }

    /// <summary>Writes the whole buffer at the position (write(2)): for pipes, terminals and devices.</summary>
    public static void WriteFully(FileDescriptor file, ReadOnlySpan<byte> buffer)
    {
        fixed (byte* pointer = buffer)
        {
            nint done = 0;
            while (done < buffer.Length)
            {
                var put = write(file.Value, pointer + done, (nuint)(buffer.Length - done));
                var error = put < 0 ? Libc.LastError : Errno.OK;
                if (error != Errno.OK && error != Errno.EINTR)
                    throw new PosixException(error, "write");
                done += Math.Max(put, 0);
            }

            GC.KeepAlive(file);
        }
    }

    /// <summary>Makes content and metadata durable. After a failure what was written may be lost for good (fsync(2)).</summary>
    public static void Fsync(FileDescriptor file) => Check(fsync(file.Value), "fsync", file);

    /// <summary>Makes content durable, and of the metadata what reading it back needs.</summary>
    public static void Fdatasync(FileDescriptor file) => Check(fdatasync(file.Value), "fdatasync", file);

    /// <summary>
    /// Lets the disk begin with what was written to a range (sync_file_range(2), SYNC_FILE_RANGE_WRITE), so that a later fdatasync finds little left to do. It makes
    /// nothing durable and takes no error away from that fdatasync; where it isn't possible nothing happens.
    /// </summary>
    /// <param name="file">The file.</param>
    /// <param name="offset">Where, in bytes.</param>
    /// <param name="length">How much, in bytes.</param>
    public static void StartWriteback(FileDescriptor file, long offset, long length)
    {
        _ = sync_file_range(file.Value, offset, length, SyncFileRangeWrite);
        GC.KeepAlive(file);
    }

    /// <summary>
    /// Makes all of a file system durable (syncfs(2)). It fails with what went wrong in writing since the descriptor was opened.
    /// </summary>
    /// <param name="file">Any open file of the file system; not one opened with O_PATH.</param>
    public static void Syncfs(FileDescriptor file) => Check(syncfs(file.Value), "syncfs", file);

    /// <summary>Sets the size; new bytes are zero and a hole.</summary>
    public static void Ftruncate(FileDescriptor file, long length) => Check(ftruncate(file.Value, length), "ftruncate", file);

    /// <summary>Takes or frees space (fallocate(2)).</summary>
    /// <param name="file">The file.</param>
    /// <param name="mode">0 or FALLOC_FL values.</param>
    /// <param name="offset">Where, in bytes.</param>
    /// <param name="length">How much, in bytes; not 0.</param>
    public static void Fallocate(FileDescriptor file, int mode, long offset, long length) =>
        Check(fallocate(file.Value, mode, offset, length), "fallocate", file);

    /// <summary>Takes or frees space, but answers with the error: EOPNOTSUPP where the file system can't.</summary>
    public static Errno TryFallocate(FileDescriptor file, int mode, long offset, long length) =>
        ErrorOf(fallocate(file.Value, mode, offset, length), file);

    /// <summary>Moves the position, or finds data and holes.</summary>
    /// <returns>The new position; -1 of <see cref="SEEK_DATA"/> where only a hole follows, and of both where the offset is at or after the end.</returns>
    public static long Lseek(FileDescriptor file, long offset, int whence)
    {
        var position = lseek(file.Value, offset, whence);
        if (position >= 0)
            return position;
        var error = Libc.LastError;
        GC.KeepAlive(file);
        return error == Errno.ENXIO && whence is SEEK_DATA or SEEK_HOLE ? -1 : throw new PosixException(error, "lseek");
    }

    /// <summary>Tells the kernel how a range will be read; it may ignore it (posix_fadvise(2)).</summary>
    public static void Fadvise(FileDescriptor file, long offset, long length, int advice)
    {
        _ = posix_fadvise(file.Value, offset, length, advice);
        GC.KeepAlive(file);
    }

    /// <summary>Copies between files inside the kernel, sharing extents where it can (copy_file_range(2)).</summary>
    /// <returns>How many bytes were copied; 0 at the source's end.</returns>
    public static long CopyFileRange(FileDescriptor source, long sourceOffset, FileDescriptor target, long targetOffset, long length)
    {
        while (true)
        {
            var copied = copy_file_range(source.Value, &sourceOffset, target.Value, &targetOffset, (nuint)length, 0);
            if (copied >= 0)
                return copied;
            var error = Libc.LastError;
            GC.KeepAlive(source);
            GC.KeepAlive(target);
            if (error != Errno.EINTR)
                throw new PosixException(error, "copy_file_range");
        }
    }

    static Errno ErrorOf(int result, FileDescriptor file)
    {
        var error = result < 0 ? Libc.LastError : Errno.OK;
        GC.KeepAlive(file);
        return error;
    }

    static void Check(int result, string call, FileDescriptor file)
    {
        var error = ErrorOf(result, file);
        if (error != Errno.OK)
            throw new PosixException(error, call);
    }

    [LibraryImport(Libc.Name)]
    private static partial nint read(int fd, byte* buffer, nuint count);

    [LibraryImport(Libc.Name)]
    private static partial nint write(int fd, byte* buffer, nuint count);

    [LibraryImport(Libc.Name)]
    private static partial nint pread(int fd, byte* buffer, nuint count, long offset);

    [LibraryImport(Libc.Name)]
    private static partial nint pwrite(int fd, byte* buffer, nuint count, long offset);

    [LibraryImport(Libc.Name)]
    private static partial int fsync(int fd);

    [LibraryImport(Libc.Name)]
    private static partial int fdatasync(int fd);

    [LibraryImport(Libc.Name)]
    private static partial int sync_file_range(int fd, long offset, long length, uint flags);

    [LibraryImport(Libc.Name)]
    private static partial int syncfs(int fd);

    [LibraryImport(Libc.Name)]
    private static partial int ftruncate(int fd, long length);

    [LibraryImport(Libc.Name)]
    private static partial int fallocate(int fd, int mode, long offset, long length);

    [LibraryImport(Libc.Name)]
    private static partial long lseek(int fd, long offset, int whence);

    [LibraryImport(Libc.Name)]
    private static partial int posix_fadvise(int fd, long offset, long length, int advice);

    [LibraryImport(Libc.Name)]
    private static partial nint copy_file_range(int source, long* sourceOffset, int target, long* targetOffset, nuint length, uint flags);
}
