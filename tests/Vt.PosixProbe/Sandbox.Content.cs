using System.Runtime.InteropServices;
using System.Text;
using static Vt.PosixProbe.Native;
using static Vt.PosixProbe.Numbers;

namespace Vt.PosixProbe;

/// <content>Calls on content and locks.</content>
sealed unsafe partial class Sandbox
{
    public int Open(string path, int flags = O_RDONLY, uint mode = 0x1a4)
    {
        var file = open(path, flags, mode);
        Log($"open({path}, {flags:x}, {Octal(mode)}) = {(file < 0 ? Error : "a file")}");
        return file;
    }

    /// <summary>Opens and closes: whether it can be opened.</summary>
    public void TryOpen(string path, int flags = O_RDONLY, uint mode = 0x1a4)
    {
        var file = Open(path, flags, mode);
        if (file >= 0)
            _ = close(file);
    }

    public void Close(int file) => Log($"close = {Done(close(file))}");

    public void Write(int file, string text) => Write(file, Encoding.UTF8.GetBytes(text));

    public void Write(int file, byte[] data)
    {
        fixed (byte* bytes = data)
            Log($"write({data.Length}) = {Count(write(file, (nint)bytes, (nuint)data.Length))}");
    }

    public void Pwrite(int file, byte[] data, long offset)
    {
        fixed (byte* bytes = data)
            Log($"pwrite({data.Length}, {offset}) = {Count(pwrite(file, (nint)bytes, (nuint)data.Length, offset))}");
    }

    public void Pwrite(int file, string text, long offset) => Pwrite(file, Encoding.UTF8.GetBytes(text), offset);

    public void Pread(int file, int length, long offset)
    {
        var buffer = new byte[length];
        fixed (byte* bytes = buffer)
        {
            var count = pread(file, (nint)bytes, (nuint)length, offset);
            Log($"pread({length}, {offset}) = {(count < 0 ? Error : Describe(buffer.AsSpan(0, (int)count)))}");
        }
    }

    public void Read(int file, int length)
    {
        var buffer = new byte[length];
        fixed (byte* bytes = buffer)
        {
            var count = read(file, (nint)bytes, (nuint)length);
            Log($"read({length}) = {(count < 0 ? Error : Describe(buffer.AsSpan(0, (int)count)))}");
        }
    }

    /// <summary>Reads or writes with a buffer that isn't there.</summary>
    public void Fault(int file)
    {
        Log($"read into nowhere = {Count(read(file, 8, 4096))}");
        Log($"write from nowhere = {Count(write(file, 8, 4096))}");
    }

    /// <summary>A read and a write with a buffer that is aligned to pages, for O_DIRECT.</summary>
    public void Direct(int file, int length, long offset, bool isWrite, byte fill = 0)
    {
        const int page = 4096;
        nint buffer;
        _ = posix_memalign(&buffer, page, (nuint)length + page);
        new Span<byte>((void*)buffer, length).Fill(fill);
        var count = isWrite ? pwrite(file, buffer, (nuint)length, offset) : pread(file, buffer, (nuint)length, offset);
        Log($"direct {(isWrite ? "write" : "read")}({length}, {offset}) = {(count < 0 ? Error : isWrite ? $"{count}" : Describe(new Span<byte>((void*)buffer, (int)count)))}");
        NativeMemory.Free((void*)buffer);
    }

    /// <summary>The whole of a file.</summary>
    public void Content(string path)
    {
        var file = open(path, O_RDONLY, 0);
        if (file < 0)
        {
            Log($"content({path}) = {Error}");
            return;
        }

        var buffer = new byte[1 << 21];
        fixed (byte* bytes = buffer)
        {
            var count = read(file, (nint)bytes, (nuint)buffer.Length);
            Log($"content({path}) = {(count < 0 ? Error : Describe(buffer.AsSpan(0, (int)count)))}");
        }

        _ = close(file);
    }

    // Runs of equal bytes, so that a line tells where what lies.
    static string Describe(ReadOnlySpan<byte> data)
    {
        const int most = 12;
        var text = new StringBuilder();
        text.Append(data.Length).Append(':');
        for (var (at, runs) = (0, 0); at < data.Length && runs < most; runs++)
        {
            var rest = data[at..].IndexOfAnyExcept(data[at]);
            var length = rest < 0 ? data.Length - at : rest;
            var letter = data[at] is > 32 and < 127 ? $"{(char)data[at]}" : $"{data[at]:x2}";
            text.Append(length > 3 ? $" {letter}*{length}" : string.Concat(Enumerable.Repeat(letter, length)));
            at += length;
        }

        return text.ToString();
    }

    public void Lseek(int file, long offset, int whence) => Log($"lseek({offset}, {whence}) = {Count(lseek(file, offset, whence))}");

    public void Truncate(string path, long length) => Log($"truncate({path}, {length}) = {Done(truncate(path, length))}");

    public void Ftruncate(int file, long length) => Log($"ftruncate({length}) = {Done(ftruncate(file, length))}");

    public void Fallocate(int file, int mode, long offset, long length) => Log($"fallocate({mode:x}, {offset}, {length}) = {Done(fallocate(file, mode, offset, length))}");

    public void CopyRange(int from, long offset, int to, long targetOffset, long length, uint flags = 0) =>
        Log($"copy_file_range({offset}, {targetOffset}, {length}, {flags}) = {Count(copy_file_range(from, &offset, to, &targetOffset, (nuint)length, flags))}");

    public void Sync(int file)
    {
        Log($"fsync = {Done(fsync(file))}");
        Log($"fdatasync = {Done(fdatasync(file))}");
    }

    public void Flock(int file, int operation) => Log($"flock({operation}) = {Done(flock(file, operation))}");

    public void SetFlags(int file, int flags) => Log($"fcntl(F_SETFL, {flags:x}) = {Done(fcntl(file, F_SETFL, (byte*)flags))}");

    /// <summary>Takes, gives back or asks for a record lock.</summary>
    public void Lock(int file, int command, short type, long start, long length, short whence = 0)
    {
        var record = stackalloc byte[32];
        new Span<byte>(record, 32).Clear();
        *(short*)record = type;
        *(short*)(record + 2) = whence;
        *(long*)(record + 8) = start;
        *(long*)(record + 16) = length;
        var result = fcntl(file, command, record);
        var isQuestion = command is F_GETLK or F_OFD_GETLK;
        Log($"fcntl({command}, {type}, {start}, {length}) = {(result < 0 ? Error : !isQuestion ? "OK" : *(short*)record == F_UNLCK ? "free" : $"{*(short*)record} {*(long*)(record + 8)} {*(long*)(record + 16)}")}");
    }

    /// <summary>Maps a file.</summary>
    public nint Map(int file, int length, int protection = PROT_READ, int flags = MAP_SHARED, long offset = 0)
    {
        var address = mmap(0, (nuint)length, protection, flags, file, offset);
        Log($"mmap({length}, {protection}, {flags}, {offset}) = {(address == -1 ? Error : "mapped")}");
        return address == -1 ? 0 : address;
    }

    public void Unmap(nint address, int length) => Log($"munmap = {Done(munmap(address, (nuint)length))}");

    public void Msync(nint address, int length) => Log($"msync = {Done(msync(address, (nuint)length, MS_SYNC))}");

    /// <summary>Reads from a mapping as the kernel does it for a write to a pipe: EFAULT where a program would get SIGBUS.</summary>
    public void Load(nint address, long offset, int length)
    {
        var ends = stackalloc int[2];
        Must(pipe(ends));
        var count = write(ends[1], address + (nint)offset, (nuint)length);
        var error = Error;
        var buffer = new byte[length];
        if (count > 0)
        {
            fixed (byte* bytes = buffer)
                _ = read(ends[0], (nint)bytes, (nuint)count);
        }

        Log($"load({offset}, {length}) = {(count < 0 ? error : Describe(buffer.AsSpan(0, (int)count)))}");
        _ = close(ends[0]);
        _ = close(ends[1]);
    }

    /// <summary>Writes to a mapping as the kernel does it for a read from a pipe.</summary>
    public void Store(nint address, long offset, string text)
    {
        var ends = stackalloc int[2];
        Must(pipe(ends));
        var data = Encoding.UTF8.GetBytes(text);
        fixed (byte* bytes = data)
            _ = write(ends[1], (nint)bytes, (nuint)data.Length);
        Log($"store({offset}, {data.Length}) = {Count(read(ends[0], address + (nint)offset, (nuint)data.Length))}");
        _ = close(ends[0]);
        _ = close(ends[1]);
    }

    /// <summary>Bounds the length of files that this process writes; 0 lifts that.</summary>
    public static void LimitFiles(ulong length)
    {
        const int largestFile = 1; // RLIMIT_FSIZE
        const int tooLarge = 25; // SIGXFSZ
        const nint ignore = 1;
        _ = signal(tooLarge, ignore);
        var limit = stackalloc ulong[2] { length == 0 ? ulong.MaxValue : length, ulong.MaxValue };
        Must(setrlimit(largestFile, limit));
    }
}
