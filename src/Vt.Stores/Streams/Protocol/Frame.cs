using System.Buffers;
using System.Buffers.Binary;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;

namespace Vt.Stores.Streams.Protocol;

/// <summary>
/// One message in a pooled buffer, as it is on the wire: a header of 28 bytes, a part whose form the verb gives ("meta"), and the bytes of blocks
/// ("bulk"). The header has checksums of itself, so that nobody waits for a length that was never meant, and of the meta; the bulk is proven by the blocks'
/// names.
/// </summary>
/// <remarks>
/// <para>
/// Header, little-endian: 0 the four bytes <c>VtS1</c>; 4 length of the meta; 8 length of the bulk; 12 the request's id; 16 verb; 17 flags;
/// 18 two bytes 0; 20 CRC-32C of the first 20 bytes; 24 CRC-32C of the meta.
/// </para>
/// <para>Whoever makes or receives a frame holds it once; it goes back to the pool when the last holder has released it.</para>
/// </remarks>
public sealed class Frame : IBlockOwner, IDisposable
{
    /// <summary>How long a header is, in bytes.</summary>
    public const int HeaderLength = 28;

    const uint Magic = 0x31537456;

    readonly int _metaLength;
    readonly int _bulkLength;
    byte[] _buffer;
    int _holders = 1;
    Action? _released;

    Frame(int metaLength, int bulkLength)
    {
        _metaLength = metaLength;
        _bulkLength = bulkLength;
        _buffer = ArrayPool<byte>.Shared.Rent(HeaderLength + metaLength + bulkLength);
    }

    /// <summary>What it asks or answers.</summary>
    public StreamVerb Verb => (StreamVerb)_buffer[16];

    /// <summary>What else it is.</summary>
    public FrameFlags Flags => (FrameFlags)_buffer[17];

    /// <summary>Which request it belongs to.</summary>
    public uint Id => BinaryPrimitives.ReadUInt32LittleEndian(_buffer.AsSpan(12));

    /// <summary>The part whose form the verb gives.</summary>
    public ReadOnlySpan<byte> Meta => _buffer.AsSpan(HeaderLength, _metaLength);

    /// <summary>The blocks' bytes.</summary>
    public ReadOnlyMemory<byte> Bulk => _buffer.AsMemory(HeaderLength + _metaLength, _bulkLength);

    /// <summary>All of it, as it goes over the wire.</summary>
    public ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, Length);

    /// <summary>How long it is, in bytes.</summary>
    public int Length => HeaderLength + _metaLength + _bulkLength;

    /// <summary>Makes a frame.</summary>
    /// <param name="verb">The verb.</param>
    /// <param name="flags">The flags.</param>
    /// <param name="id">The request's id.</param>
    /// <param name="meta">Copied.</param>
    /// <param name="bulkLength">Room for so many bytes of blocks, which the caller fills through <see cref="BulkRoom"/>.</param>
    public static Frame Make(StreamVerb verb, FrameFlags flags, uint id, ReadOnlySpan<byte> meta, int bulkLength = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(meta.Length, StreamLimits.LargestMeta);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)bulkLength, (uint)StreamLimits.LargestBulk);
        var frame = new Frame(meta.Length, bulkLength);
        var header = frame._buffer.AsSpan(0, HeaderLength);
        BinaryPrimitives.WriteUInt32LittleEndian(header, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], meta.Length);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], bulkLength);
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], id);
        header[16] = (byte)verb;
        header[17] = (byte)flags;
        header[18] = header[19] = 0;
        meta.CopyTo(frame._buffer.AsSpan(HeaderLength));
        BinaryPrimitives.WriteUInt32LittleEndian(header[20..], Crc32C.Compute(header[..20]));
        BinaryPrimitives.WriteUInt32LittleEndian(header[24..], Crc32C.Compute(frame.Meta));
        return frame;
    }

    /// <summary>Reads a header and makes room for what follows it.</summary>
    /// <param name="header">The header's bytes.</param>
    /// <param name="largest">How long the whole frame may be, in bytes.</param>
    /// <returns>The frame, whose <see cref="BodyRoom"/> is to be filled and then checked by <see cref="Check"/>.</returns>
    /// <exception cref="FormatInvalidException">It is no header, or the frame is longer than it may be.</exception>
    public static Frame Begin(ReadOnlySpan<byte> header, int largest)
    {
        var (metaLength, bulkLength) = LengthsOf(header);
        if (HeaderLength + (long)metaLength + bulkLength > largest)
            throw new FormatInvalidException($"a frame of {HeaderLength + (long)metaLength + bulkLength} bytes, where {largest} is the most");
        var frame = new Frame(metaLength, bulkLength);
        header[..HeaderLength].CopyTo(frame._buffer);
        return frame;
    }

    /// <summary>Room for all behind the header.</summary>
    internal Memory<byte> BodyRoom => _buffer.AsMemory(HeaderLength, _metaLength + _bulkLength);

    /// <summary>Room for the blocks' bytes.</summary>
    public Span<byte> BulkRoom => _buffer.AsSpan(HeaderLength + _metaLength, _bulkLength);

    /// <summary>Checks a received frame's meta.</summary>
    /// <exception cref="FormatInvalidException">It is not what was sent.</exception>
    internal void Check()
    {
        if (BinaryPrimitives.ReadUInt32LittleEndian(_buffer.AsSpan(24)) != Crc32C.Compute(Meta))
            throw new FormatInvalidException("a frame's checksum is wrong");
    }

    /// <summary>Has somebody told when the frame goes back to the pool; one only.</summary>
    public void WhenReleased(Action call) => _released = call;

    /// <summary>One holder more.</summary>
    /// <param name="count">Or so many.</param>
    public void Hold(int count = 1) => Interlocked.Add(ref _holders, count);

    /// <inheritdoc/>
    public void Release()
    {
        var left = Interlocked.Decrement(ref _holders);
        if (left == 0)
        {
            ArrayPool<byte>.Shared.Return(Interlocked.Exchange(ref _buffer, []));
            _released?.Invoke();
        }

        ObjectDisposedException.ThrowIf(left < 0, this);
    }

    /// <summary>One holder less.</summary>
    public void Dispose() => Release();

    static (int Meta, int Bulk) LengthsOf(ReadOnlySpan<byte> header)
    {
        if (BinaryPrimitives.ReadUInt32LittleEndian(header) != Magic)
            throw new FormatInvalidException("what came is no frame of this protocol");
        if (BinaryPrimitives.ReadUInt32LittleEndian(header[20..]) != Crc32C.Compute(header[..20]))
            throw new FormatInvalidException("the checksum of a frame's header is wrong");
        var meta = BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
        var bulk = BinaryPrimitives.ReadUInt32LittleEndian(header[8..]);
        if (meta > StreamLimits.LargestMeta || bulk > StreamLimits.LargestBulk)
            throw new FormatInvalidException($"a frame of {meta} and {bulk} bytes, which is over the limits of {StreamLimits.LargestMeta} and {StreamLimits.LargestBulk}");
        return ((int)meta, (int)bulk);
    }
}
