using Vt.Fuse.Protocol;
using Vt.Posix;

namespace Vt.Fuse.Session;

/// <summary>
/// A slot that the kernel fills and empties by itself: an entry of one of its queues, with memory for headers and for everything else. What the
/// request brings lies at the start of that, the reply's body behind it, and is moved to the start when it is sent.
/// </summary>
sealed unsafe class RingSlot : FuseSlot, IDisposable
{
    /// <summary>Bytes of <c>fuse_uring_req_header</c>: 128 for the request's and the reply's header, 128 of arguments, and what goes with them.</summary>
    public const int HeadersSize = 288;

    /// <summary>Bytes that a slot takes for headers and what is kept beside them.</summary>
    public const int HeadersRoom = 512;

    const int ArgumentsOffset = 128;
    const int CommitOffset = 264;
    const int PayloadSizeOffset = 272;
    const int UniqueOffset = 8; // of the request's header and of the reply's alike
    const int OwnHeaderOffset = 320;
    const int VectorOffset = 384;
    const int ReplyAlignment = 64;

    /// <summary>The kernel's smallest buffer (FUSE_MIN_READ_BUFFER) and 32 pages, which it may use where it doesn't agree on more.</summary>
    const int LeastPayload = 32 * 4096;

    /// <summary>Behind a request that fills its room there is still some for the reply.</summary>
    const int ReplyRoom = FuseProtocol.XattrLimit + 4096;

    readonly Action<RingSlot> _recycle;
    readonly byte* _headers;
    readonly byte* _payload;
    readonly int _room;
    readonly NativeBuffer _buffer;

    /// <param name="headers">Memory of <see cref="HeadersRoom"/>.</param>
    /// <param name="payload">Memory of <see cref="PayloadRoom"/>, at a page's start.</param>
    /// <param name="maxWrite">Most bytes of a request's data.</param>
    /// <param name="recycle">Takes the slot back.</param>
    public RingSlot(byte* headers, byte* payload, int maxWrite, Action<RingSlot> recycle)
    {
        _headers = headers;
        _payload = payload;
        _room = PayloadRoom(maxWrite);
        _recycle = recycle;
        _buffer = new NativeBuffer(_payload, _room);
        Header = (InHeader*)(headers + OwnHeaderOffset);
        Arguments = headers + ArgumentsOffset;
        var vector = (ulong*)(headers + VectorOffset);
        vector[0] = (ulong)headers;
        vector[1] = HeadersSize;
        vector[2] = (ulong)payload;
        vector[3] = (ulong)_room;
    }

    /// <summary>Which of the kernel's queues it belongs to.</summary>
    public ushort Queue { get; init; }

    /// <summary>Its number in its ring.</summary>
    public int Index { get; init; }

    /// <summary>The next in a list of slots.</summary>
    public RingSlot? Next { get; set; }

    /// <summary>Whether the kernel has it and a request came through it.</summary>
    public bool IsRegistered { get; set; }

    /// <summary>How often in a row the kernel refused it.</summary>
    public int Refusals { get; set; }

    /// <summary>Two iovecs, which tell the kernel where headers and payload go.</summary>
    public void* Vector => _headers + VectorOffset;

    /// <summary>The kernel's name for the exchange that the reply ends.</summary>
    public ulong CommitId => *(ulong*)(_headers + CommitOffset);

    /// <inheritdoc/>
    public override ReadOnlyMemory<byte> PayloadMemory => _buffer.Memory[..PayloadLength];

    /// <inheritdoc/>
    public override Memory<byte> ReplyMemory => _buffer.Memory.Slice((int)(Reply - _payload), ReplyCapacity);

    /// <summary>Bytes of a slot's payload memory, whole pages.</summary>
    /// <param name="maxWrite">Most bytes of a request's data.</param>
    public static int PayloadRoom(int maxWrite) => Math.Max(maxWrite, LeastPayload) + ReplyRoom;

    /// <summary>Takes note of a request that the kernel left.</summary>
    /// <returns>Whether it is whole, as the kernel's always are.</returns>
    public bool Load()
    {
        *Header = *(InHeader*)_headers;
        var length = *(uint*)(_headers + PayloadSizeOffset);
        var extension = Header->ExtensionUnits * 8;
        var isWhole = length <= _room - ReplyRoom && length >= extension;
        Payload = _payload;
        PayloadLength = isWhole ? (int)length - extension : 0;
        var start = isWhole ? (int)(length + ReplyAlignment - 1) & -ReplyAlignment : 0;
        Reply = _payload + start;
        ReplyCapacity = Math.Min(_room - ReplyRoom, _room - start);
        return isWhole;
    }

    /// <inheritdoc/>
    /// <remarks>Leaves it for the kernel, who gets it with the next submission; whether it arrives is not known.</remarks>
    public override Errno Send(Errno error, int length)
    {
        if (length > 0 && Reply != _payload)
            Buffer.MemoryCopy(Reply, _payload, _room, length);
        *(uint*)(_headers + PayloadSizeOffset) = (uint)length;
        *(OutHeader*)_headers = new OutHeader
        {
            Length = (uint)(FuseProtocol.OutHeaderSize + length),
            Error = -(int)error,
            Unique = Header->Unique,
        };
        return Errno.OK;
    }

    /// <summary>Forgets the memory, which is the ring's.</summary>
    public void Dispose() => ((IDisposable)_buffer).Dispose();

    /// <inheritdoc/>
    public override void Recycle() => _recycle(this);

    /// <inheritdoc/>
    /// <remarks>
    /// An interrupt can overtake its victim, which lies in this memory before the kernel tells of either; and the kernel doesn't ask again. Of a
    /// victim that was answered already the mark stays without effect, as no number comes twice.
    /// </remarks>
    protected override bool Carries(ulong unique) => Current == unique || Volatile.Read(ref *(ulong*)(_headers + UniqueOffset)) == unique;
}
