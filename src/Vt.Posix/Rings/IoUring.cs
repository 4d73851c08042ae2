using System.Runtime.InteropServices;

namespace Vt.Posix.Rings;

/// <summary>
/// A queue of requests to the kernel and one of their results, in memory that it shares (io_uring(7)), by the raw system calls. Entries are of 128
/// bytes, as commands to files need. One thread at a time uses it; a request belongs to the thread that submitted it, and is cancelled when
/// that thread ends.
/// </summary>
public sealed unsafe partial class IoUring : IDisposable
{
    const nint SetupNumber = 425; // on every architecture
    const nint EnterNumber = 426;
    const nint RegisterNumber = 427;

    const uint IORING_SETUP_CQSIZE = 1 << 3;
    const uint IORING_SETUP_SUBMIT_ALL = 1 << 7;
    const uint IORING_SETUP_SQE128 = 1 << 10;
    const uint IORING_SETUP_NO_SQARRAY = 1 << 16;
    const uint IORING_ENTER_GETEVENTS = 1;
    const uint IORING_REGISTER_FILES = 2;
    const byte IORING_OP_READ = 22;
    const byte IORING_OP_URING_CMD = 46;
    const byte IOSQE_FIXED_FILE = 1;
    const long IORING_OFF_SQ_RING = 0;
    const long IORING_OFF_SQES = 0x10000000;
    const uint IORING_FEAT_SINGLE_MMAP = 1;

    const int EntrySize = 128;
    const int ResultSize = 16;
    const int PROT_READ_WRITE = 3;
    const int MAP_SHARED_POPULATE = 0x8001;

    readonly FileDescriptor _ring;
    readonly nuint _sharedLength;
    readonly nuint _entriesLength;
    readonly byte* _shared;
    readonly byte* _entries;
    readonly uint* _submitHead;
    readonly uint* _submitTail;
    readonly uint* _resultHead;
    readonly uint* _resultTail;
    readonly byte* _results;
    readonly uint _submitMask;
    readonly uint _resultMask;
    uint _tail;
    bool _disposed;

    IoUring(FileDescriptor ring, in Parameters parameters)
    {
        _ring = ring;
        _sharedLength = Math.Max(
            parameters.SubmitOffsets.RingEntries + ((nuint)parameters.SubmitEntries * sizeof(uint)),
            parameters.ResultOffsets.Results + ((nuint)parameters.ResultEntries * ResultSize));
        _entriesLength = (nuint)parameters.SubmitEntries * EntrySize;
        _shared = Map(ring, _sharedLength, IORING_OFF_SQ_RING);
        _entries = _shared is null ? null : Map(ring, _entriesLength, IORING_OFF_SQES);
        if (_entries is null)
            return;
        _submitHead = (uint*)(_shared + parameters.SubmitOffsets.Head);
        _submitTail = (uint*)(_shared + parameters.SubmitOffsets.Tail);
        _resultHead = (uint*)(_shared + parameters.ResultOffsets.Head);
        _resultTail = (uint*)(_shared + parameters.ResultOffsets.Tail);
        _results = _shared + parameters.ResultOffsets.Results;
        _submitMask = parameters.SubmitEntries - 1;
        _resultMask = parameters.ResultEntries - 1;
        _tail = *_submitTail;
    }

    /// <summary>Sets one up, but answers with the error: ENOSYS or EPERM where the system has or allows none (io_uring_setup(2)).</summary>
    /// <param name="entries">How many requests may be prepared at once; twice as many may be out.</param>
    /// <param name="ring">The ring.</param>
    public static Errno TryCreate(int entries, out IoUring? ring)
    {
        ring = null;
        var count = System.Numerics.BitOperations.RoundUpToPowerOf2((uint)entries);
        var parameters = new Parameters
        {
            Flags = IORING_SETUP_CQSIZE | IORING_SETUP_SUBMIT_ALL | IORING_SETUP_SQE128 | IORING_SETUP_NO_SQARRAY,
            ResultEntries = count * 2,
        };
        var fd = syscall(SetupNumber, (nint)count, (nint)(&parameters), 0, 0, 0, 0);
        if (fd < 0)
            return Libc.LastError;
        var descriptor = new FileDescriptor((int)fd);
        if ((parameters.Features & IORING_FEAT_SINGLE_MMAP) == 0)
        {
            descriptor.Dispose();
            return Errno.ENOSYS;
        }

        var made = new IoUring(descriptor, parameters);
        if (made._entries is null)
        {
            made.Dispose();
            return Errno.ENOMEM;
        }

        ring = made;
        return Errno.OK;
    }

    /// <summary>Makes a file known to the ring as its number 0, which commands are sent to; the ring keeps it open.</summary>
    /// <param name="file">The file.</param>
    public Errno TryRegister(FileDescriptor file)
    {
        var number = file.Value;
        var result = syscall(RegisterNumber, _ring.Value, (nint)IORING_REGISTER_FILES, (nint)(&number), 1, 0, 0);
        var error = result < 0 ? Libc.LastError : Errno.OK;
        GC.KeepAlive(file);
        return error;
    }

    /// <summary>Prepares a read.</summary>
    /// <param name="file">Where from; stays open until the result.</param>
    /// <param name="buffer">Receives the bytes; stays until the result.</param>
    /// <param name="length">How many.</param>
    /// <param name="tag">Comes back with the result.</param>
    public void PrepareRead(FileDescriptor file, void* buffer, int length, ulong tag)
    {
        var entry = Take();
        entry->Operation = IORING_OP_READ;
        entry->File = file.Value;
        entry->Offset = ulong.MaxValue; // the file's own position, as it has none
        entry->Address = (ulong)buffer;
        entry->Length = (uint)length;
        entry->Tag = tag;
    }

    /// <summary>Prepares a command to the registered file.</summary>
    /// <param name="command">The file's number for it.</param>
    /// <param name="address">What it takes; read when it is submitted.</param>
    /// <param name="length">In the command's own unit.</param>
    /// <param name="tag">Comes back with the result.</param>
    /// <returns>The command's own 80 bytes, zeroed, to be filled before the next <see cref="TryEnter"/>.</returns>
    public byte* PrepareCommand(uint command, void* address, uint length, ulong tag)
    {
        var entry = Take();
        entry->Operation = IORING_OP_URING_CMD;
        entry->Flags = IOSQE_FIXED_FILE;
        entry->Offset = command;
        entry->Address = (ulong)address;
        entry->Length = length;
        entry->Tag = tag;
        return entry->Command;
    }

    /// <summary>Submits what was prepared and waits for results (io_uring_enter(2)).</summary>
    /// <param name="least">How many results there must be before it returns; 0 doesn't wait.</param>
    /// <returns>OK; EINTR: a signal came; what wasn't submitted will be by the next call.</returns>
    public Errno TryEnter(int least)
    {
        Volatile.Write(ref *_submitTail, _tail);
        var waiting = _tail - Volatile.Read(ref *_submitHead);
        var result = syscall(EnterNumber, _ring.Value, (nint)waiting, least, (nint)IORING_ENTER_GETEVENTS, 0, 0);
        return result < 0 ? Libc.LastError : Errno.OK;
    }

    /// <summary>Takes a result.</summary>
    /// <param name="tag">Of the request.</param>
    /// <param name="result">What it came to; negative for an errno.</param>
    /// <returns>Whether there was one.</returns>
    public bool TryTakeResult(out ulong tag, out int result)
    {
        var head = *_resultHead;
        if (head == Volatile.Read(ref *_resultTail))
        {
            tag = 0;
            result = 0;
            return false;
        }

        var place = _results + ((nuint)(head & _resultMask) * ResultSize);
        tag = *(ulong*)place;
        result = *(int*)(place + sizeof(ulong));
        Volatile.Write(ref *_resultHead, head + 1);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        if (_entries is not null)
            _ = munmap(_entries, _entriesLength);
        if (_shared is not null)
            _ = munmap(_shared, _sharedLength);
        _ring.Dispose();
    }

    static byte* Map(FileDescriptor ring, nuint length, long offset)
    {
        var address = mmap(null, length, PROT_READ_WRITE, MAP_SHARED_POPULATE, ring.Value, offset);
        return (nint)address == -1 ? null : (byte*)address;
    }

    Entry* Take()
    {
        if (_tail - Volatile.Read(ref *_submitHead) > _submitMask)
            throw new InvalidOperationException("more requests are prepared than the ring has room for");
        var entry = (Entry*)(_entries + ((nuint)(_tail & _submitMask) * EntrySize));
        *entry = default;
        _tail++;
        return entry;
    }

    // The C function is variadic; on Linux's x86-64 and arm64 a fixed signature passes arguments of a register's size the same way.
    [LibraryImport(Libc.Name)]
    private static partial nint syscall(nint number, nint first, nint second, nint third, nint fourth, nint fifth, nint sixth);

    [LibraryImport(Libc.Name)]
    private static partial void* mmap(void* address, nuint length, int protection, int flags, int fd, long offset);

    [LibraryImport(Libc.Name)]
    private static partial int munmap(void* address, nuint length);

    /// <summary>io_uring_params.</summary>
    [StructLayout(LayoutKind.Sequential)]
    struct Parameters
    {
        public uint SubmitEntries;
        public uint ResultEntries;
        public uint Flags;
        public uint PollProcessor;
        public uint PollIdle;
        public uint Features;
        public uint WorkersOf;
        public uint Reserved0;
        public uint Reserved1;
        public uint Reserved2;
        public SubmitOffsets SubmitOffsets;
        public ResultOffsets ResultOffsets;
    }

    /// <summary>io_sqring_offsets.</summary>
    [StructLayout(LayoutKind.Sequential)]
    struct SubmitOffsets
    {
        public uint Head;
        public uint Tail;
        public uint RingMask;
        public uint RingEntries;
        public uint Flags;
        public uint Dropped;
        public uint Array;
        public uint Reserved;
        public ulong UserAddress;
    }

    /// <summary>io_cqring_offsets.</summary>
    [StructLayout(LayoutKind.Sequential)]
    struct ResultOffsets
    {
        public uint Head;
        public uint Tail;
        public uint RingMask;
        public uint RingEntries;
        public uint Overflow;
        public uint Results;
        public uint Flags;
        public uint Reserved;
        public ulong UserAddress;
    }

    /// <summary>io_uring_sqe in its long form.</summary>
    [StructLayout(LayoutKind.Explicit, Size = EntrySize)]
    struct Entry
    {
        [FieldOffset(0)]
        public byte Operation;

        [FieldOffset(1)]
        public byte Flags;

        [FieldOffset(4)]
        public int File;

        [FieldOffset(8)]
        public ulong Offset;

        [FieldOffset(16)]
        public ulong Address;

        [FieldOffset(24)]
        public uint Length;

        [FieldOffset(32)]
        public ulong Tag;

        [FieldOffset(48)]
        public fixed byte Command[80];
    }
}
