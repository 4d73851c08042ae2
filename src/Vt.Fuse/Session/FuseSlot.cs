using System.Diagnostics;
using Vt.Fuse.Protocol;
using Vt.Posix;

namespace Vt.Fuse.Session;

/// <summary>
/// One request and the room for its reply, in native memory. A transport fills it, the dispatcher answers it, the transport
/// has it back.
/// <list type="number">
/// <item>Exactly one owner at a time: a reader thread, or the deferral that took it from that thread.</item>
/// <item>The request's bytes stay valid until the slot is recycled, and never overlap the reply's.</item>
/// <item><see cref="Current"/> is the request's id from <see cref="Begin"/> to <see cref="End"/>; ids are never used twice, so a
/// comparison with it can't hit a later request.</item>
/// </list>
/// </summary>
abstract unsafe class FuseSlot
{
    readonly Lock _interruptGate = new(); // guards _interrupted, _source and _isTokenOut, and the end of a request against its interrupt
    ulong _current;
    ulong _interrupted;
    CancellationTokenSource? _source;
    bool _isTokenOut;
    volatile bool _isParked;

    /// <summary>The request's header.</summary>
    public InHeader* Header { get; protected set; }

    /// <summary>The fixed arguments, as many bytes as the operation has.</summary>
    public byte* Arguments { get; protected set; }

    /// <summary>Names or data behind the arguments.</summary>
    public byte* Payload { get; protected set; }

    /// <summary>Bytes at <see cref="Payload"/>.</summary>
    public int PayloadLength { get; protected set; }

    /// <summary>Where the reply's body goes; aligned to a page where the transport can.</summary>
    public byte* Reply { get; protected set; }

    /// <summary>Bytes of room at <see cref="Reply"/>.</summary>
    public int ReplyCapacity { get; protected set; }

    /// <summary>The bytes at <see cref="Payload"/> as memory, for asynchronous handlers; valid while the slot is held.</summary>
    public abstract ReadOnlyMemory<byte> PayloadMemory { get; }

    /// <summary>The room at <see cref="Reply"/> as memory, for asynchronous handlers; valid while the slot is held.</summary>
    public abstract Memory<byte> ReplyMemory { get; }

    /// <summary>When the current request was read, by <see cref="Stopwatch"/>.</summary>
    public long Started { get; private set; }

    /// <summary>The request being answered, zero between requests.</summary>
    public ulong Current => Volatile.Read(ref _current);

    /// <summary>Whether the current request waits for the end of a pause and has not begun.</summary>
    public bool IsParked
    {
        get => _isParked;
        set => _isParked = value;
    }

    /// <summary>Whether the kernel said that the caller wants the current request to end.</summary>
    public bool IsInterrupted => Volatile.Read(ref _interrupted) == Header->Unique;

    /// <summary>
    /// Cancelled when the current request is interrupted. Costs no allocation, as the source serves one request after another.
    /// </summary>
    public CancellationToken InterruptToken
    {
        get
        {
            lock (_interruptGate)
            {
                if (IsInterrupted)
                    return new CancellationToken(canceled: true);
                _isTokenOut = true;
                _source ??= new CancellationTokenSource();
                return _source.Token;
            }
        }
    }

    /// <summary>A request was read into the slot.</summary>
    public void Begin()
    {
        Started = Stopwatch.GetTimestamp();
        Volatile.Write(ref _current, Header->Unique);
    }

    /// <summary>The request was answered, or wants no answer.</summary>
    public void End()
    {
        Volatile.Write(ref _current, 0);
        if (!Volatile.Read(ref _isTokenOut))
            return;
        lock (_interruptGate)
        {
            _isTokenOut = false;
            if (_source?.TryReset() == false)
                _source = null;
        }
    }

    /// <summary>Whether a request is here, and which thread waits for it.</summary>
    public bool TryFind(ulong unique, out uint caller)
    {
        lock (_interruptGate)
        {
            var isHere = Carries(unique);
            caller = isHere ? Header->Pid : 0;
            return isHere;
        }
    }

    /// <summary>Passes an interrupt on if its victim is here.</summary>
    /// <returns>Whether it is.</returns>
    public bool TryInterrupt(ulong victim)
    {
        CancellationTokenSource? source = null;
        lock (_interruptGate)
        {
            if (!Carries(victim))
                return false;
            Volatile.Write(ref _interrupted, victim);
            if (_isTokenOut)
            {
                // Taken out for good: it must not come to serve, and cancel, a later request.
                source = _source;
                _source = null;
            }
        }

        source?.Cancel();
        return true;
    }

    /// <summary>Sends the reply.</summary>
    /// <param name="error">The errno, or OK.</param>
    /// <param name="length">Bytes at <see cref="Reply"/>; zero with an error.</param>
    /// <returns>OK, or why it didn't arrive: ENOENT where the caller has gone.</returns>
    public abstract Errno Send(Errno error, int length);

    /// <summary>Gives the slot back after a deferral is done with it; any thread may.</summary>
    public abstract void Recycle();

    /// <summary>Whether a request is in the slot, also before it was begun where the transport can tell.</summary>
    protected virtual bool Carries(ulong unique) => Current == unique;
}
