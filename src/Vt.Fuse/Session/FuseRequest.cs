using Vt.Fuse.Protocol;

namespace Vt.Fuse.Session;

/// <summary>
/// Who asks, and about which node. Lives as long as the handler's call; what a handler needs after that it has from the
/// <see cref="FuseDeferral"/> of <see cref="Defer"/>.
/// </summary>
public readonly unsafe ref struct FuseRequest
{
    readonly FuseDispatcher _dispatcher;
    readonly FuseSlot _slot;
    readonly ref FuseDeferral? _deferral;

    internal FuseRequest(FuseDispatcher dispatcher, FuseSlot slot, ref FuseDeferral? deferral)
    {
        _dispatcher = dispatcher;
        _slot = slot;
        _deferral = ref deferral;
    }

    /// <summary>What is asked.</summary>
    public FuseOpcode Opcode => _slot.Header->Opcode;

    /// <summary>The kernel's name for this request; never used twice in a session.</summary>
    public ulong Unique => _slot.Header->Unique;

    /// <summary>The node that is acted upon; of operations on a name, its folder.</summary>
    public NodeId Node => _slot.Header->Node;

    /// <summary>The caller's file-system user id; 0 of what the kernel does by itself.</summary>
    public uint Uid => _slot.Header->Uid;

    /// <summary>The caller's file-system group id.</summary>
    public uint Gid => _slot.Header->Gid;

    /// <summary>The caller's thread, in the server's pid namespace; 0 of what the kernel does by itself.</summary>
    public uint Pid => _slot.Header->Pid;

    /// <summary>Whether the caller got a signal and would like EINTR; a handler that takes long looks at it now and then.</summary>
    public bool IsInterrupted => _slot.IsInterrupted;

    /// <summary>
    /// Cancelled when the caller got a signal; what waits with it then answers EINTR. Callbacks run on a reader thread and must be
    /// short. Not to be used after the answer: it will tell of another request then.
    /// </summary>
    public CancellationToken Interrupted => _slot.InterruptToken;

    /// <summary>
    /// The names or data behind the arguments, for asynchronous work that may end after the call: if the request is deferred they
    /// stay until it is answered. A name has its NUL behind it.
    /// </summary>
    public ReadOnlyMemory<byte> Payload => _slot.PayloadMemory;

    /// <summary>Where the reply's bytes go, as long as they may be; stays as <see cref="Payload"/> does.</summary>
    public Memory<byte> Buffer => _slot.ReplyMemory[..Math.Min(_slot.ReplyCapacity, _dispatcher.BodyLimit(_slot))];

    /// <summary>Whether the request was deferred, so that the slot is no longer the dispatcher's.</summary>
    internal bool IsDeferred => _deferral is not null;

    /// <summary>
    /// Takes the request out of the handler, to be answered later from any thread. After this the handler touches neither its
    /// reference parameters nor the request, and what it returns is ignored: the answer may already be on its way.
    /// </summary>
    /// <exception cref="InvalidOperationException">It was deferred already.</exception>
    public FuseDeferral Defer()
    {
        if (_deferral is not null)
            throw new InvalidOperationException("a request can be deferred once");
        var deferral = new FuseDeferral(_dispatcher, _slot);
        _deferral = deferral;
        return deferral;
    }
}
