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
    ulong _current;
    ulong _interrupted;
    volatile FuseDeferral? _deferral;

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

    /// <summary>The same room as memory, for asynchronous readers; valid while the slot is held.</summary>
    public Memory<byte> ReplyMemory { get; protected set; }

    /// <summary>The request being answered, zero between requests.</summary>
    public ulong Current => Volatile.Read(ref _current);

    /// <summary>Whether the kernel said that the caller wants the current request to end.</summary>
    public bool IsInterrupted => Volatile.Read(ref _interrupted) == Header->Unique;

    /// <summary>What took the slot over from its reader; null while the reader has it.</summary>
    public FuseDeferral? Deferral => _deferral;

    /// <summary>A request was read into the slot.</summary>
    public void Begin() => Volatile.Write(ref _current, Header->Unique);

    /// <summary>The request was answered, or wants no answer.</summary>
    public void End()
    {
        _deferral = null;
        Volatile.Write(ref _current, 0);
    }

    /// <summary>Makes <paramref name="deferral"/> the owner, and tells it if an interrupt came before.</summary>
    public void HandTo(FuseDeferral deferral)
    {
        _deferral = deferral;
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _interrupted) == deferral.Unique)
            deferral.Interrupt();
    }

    /// <summary>Passes an interrupt on if its victim is here.</summary>
    /// <returns>Whether it is.</returns>
    public bool TryInterrupt(ulong victim)
    {
        if (Current != victim)
            return false;
        Volatile.Write(ref _interrupted, victim);
        Interlocked.MemoryBarrier();
        var deferral = _deferral;
        if (deferral?.Unique == victim)
            deferral.Interrupt();
        return true;
    }

    /// <summary>Sends the reply.</summary>
    /// <param name="error">The errno, or OK.</param>
    /// <param name="length">Bytes at <see cref="Reply"/>; zero with an error.</param>
    /// <returns>OK, or why it didn't arrive: ENOENT where the caller has gone.</returns>
    public abstract Errno Send(Errno error, int length);

    /// <summary>Gives the slot back after a deferral is done with it; any thread may.</summary>
    public abstract void Recycle();
}
