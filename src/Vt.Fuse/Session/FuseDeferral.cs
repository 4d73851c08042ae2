using Vt.Fuse.Protocol;
using Vt.Posix;

namespace Vt.Fuse.Session;

/// <summary>
/// A request that is answered later. It holds the request's bytes and the reply's buffer until it is answered, from any
/// thread, exactly once; disposal without an answer answers EIO, so that no caller waits for ever. At most
/// <see cref="FuseSessionOptions.MaxDeferred"/> are out at once: beyond that reader threads wait for one to be answered.
/// </summary>
public sealed unsafe class FuseDeferral : IDisposable
{
    readonly FuseDispatcher _dispatcher;
    readonly FuseSlot _slot;
    int _answered;

    internal FuseDeferral(FuseDispatcher dispatcher, FuseSlot slot)
    {
        _dispatcher = dispatcher;
        _slot = slot;
        Opcode = slot.Header->Opcode;
        Unique = slot.Header->Unique;
        Node = slot.Header->Node;
        Uid = slot.Header->Uid;
        Gid = slot.Header->Gid;
        Pid = slot.Header->Pid;
        BodyLimit = Math.Min(slot.ReplyCapacity, dispatcher.BodyLimit(slot));
    }

    /// <summary>What is asked.</summary>
    public FuseOpcode Opcode { get; }

    /// <summary>The kernel's name for this request.</summary>
    public ulong Unique { get; }

    /// <summary>The node that is acted upon.</summary>
    public NodeId Node { get; }

    /// <summary>The caller's file-system user id.</summary>
    public uint Uid { get; }

    /// <summary>The caller's file-system group id.</summary>
    public uint Gid { get; }

    /// <summary>The caller's thread.</summary>
    public uint Pid { get; }

    /// <summary>Bytes that the reply may have: of reads, what the caller asked for.</summary>
    public int BodyLimit { get; }

    /// <summary>Where the reply's bytes go, <see cref="BodyLimit"/> long; not to be touched after the answer.</summary>
    public Memory<byte> Buffer => _slot.ReplyMemory[..BodyLimit];

    /// <summary>
    /// Cancelled when the caller got a signal; the filesystem then answers EINTR as soon as it can. Callbacks run on a reader
    /// thread and must be short. Not to be asked for after the answer.
    /// </summary>
    public CancellationToken Interrupted => _slot.InterruptToken;

    /// <summary>The fixed arguments of the request, for example <see cref="ReadIn"/>.</summary>
    /// <typeparam name="T">What the operation has; its size is checked.</typeparam>
    public T Arguments<T>()
        where T : unmanaged
    {
        if (sizeof(T) != FuseProtocol.ArgumentSize(Opcode, extendedSetxattr: true))
            throw new InvalidOperationException($"{Opcode} has no arguments of {sizeof(T)} bytes");
        return *(T*)_slot.Arguments;
    }

    /// <summary>The names or data behind the arguments, as the kernel sent them; not to be touched after the answer.</summary>
    public ReadOnlyMemory<byte> Payload => _slot.PayloadMemory;

    /// <summary>A filler over the reply of a READDIR or READDIRPLUS.</summary>
    public DirectoryFiller OpenFiller() => new(_slot.Reply, BodyLimit, Opcode == FuseOpcode.Readdirplus);

    /// <summary>Answers without a body: with success, or with an error.</summary>
    public void Complete(Errno error = Errno.OK) => Answer(error, 0);

    /// <summary>Answers with the first bytes of <see cref="Buffer"/>.</summary>
    /// <param name="length">How many; of READ, fewer than asked for means the end of the file.</param>
    public void CompleteBytes(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, BodyLimit);
        Answer(Errno.OK, length);
    }

    /// <summary>Answers with one of the protocol's structures, for example <see cref="EntryOut"/>.</summary>
    /// <typeparam name="T">What the operation is answered with; its size is checked.</typeparam>
    /// <param name="body">The structure.</param>
    public void Complete<T>(in T body)
        where T : unmanaged
    {
        if (sizeof(T) != FuseProtocol.ReplySize(Opcode))
            throw new InvalidOperationException($"{Opcode} is not answered with {sizeof(T)} bytes");
        *(T*)_slot.Reply = body;
        Answer(Errno.OK, sizeof(T));
    }

    /// <summary>Answers CREATE and TMPFILE.</summary>
    /// <param name="entry">The new node.</param>
    /// <param name="open">Its open.</param>
    public void Complete(in EntryOut entry, in OpenOut open)
    {
        if (sizeof(EntryOut) + sizeof(OpenOut) != FuseProtocol.ReplySize(Opcode))
            throw new InvalidOperationException($"{Opcode} is not answered with an entry and an open");
        *(EntryOut*)_slot.Reply = entry;
        *(OpenOut*)(_slot.Reply + sizeof(EntryOut)) = open;
        Answer(Errno.OK, sizeof(EntryOut) + sizeof(OpenOut));
    }

    /// <summary>Answers GETXATTR and LISTXATTR: with the value, its size if that was asked, or ERANGE if it doesn't fit.</summary>
    /// <param name="value">The value, or the names each with a NUL behind it.</param>
    public void CompleteXattr(ReadOnlySpan<byte> value)
    {
        var size = ((GetxattrIn*)_slot.Arguments)->Size;
        if (size != 0 && value.Length <= BodyLimit)
            value.CopyTo(new Span<byte>(_slot.Reply, BodyLimit));
        var result = FuseDispatcher.SizedReply(_slot, size, value.Length);
        Answer(result < 0 ? (Errno)(-result) : Errno.OK, Math.Max(result, 0));
    }

    /// <summary>Answers with what an exception means (see <see cref="FuseFileSystem.OnFailure"/>).</summary>
    public void Complete(Exception exception) => Answer(_dispatcher.ErrnoOf(Opcode, Node, exception), 0);

    /// <summary>Answers EIO unless it was answered.</summary>
    public void Dispose()
    {
        if (Volatile.Read(ref _answered) == 0)
            TryAnswer(Errno.EIO, 0);
    }

    /// <summary>Answers if nobody has; for a handler that failed after it deferred.</summary>
    internal bool TryAnswer(Errno error, int length)
    {
        if (Interlocked.Exchange(ref _answered, 1) != 0)
            return false;
        _dispatcher.Finish(_slot, error, length);
        _slot.Recycle();
        return true;
    }

    void Answer(Errno error, int length)
    {
        if (!TryAnswer(error, length))
            throw new InvalidOperationException($"{Opcode} was answered twice");
    }
}
