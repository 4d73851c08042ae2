using System.Buffers;
using System.Buffers.Binary;
using Vt.Blocks.Hashing;

namespace Vt.Blocks.Encoding;

/// <summary>
/// Writes our binary forms into a pooled buffer that grows. The mirror of <see cref="ByteReader"/>. Dispose returns the
/// buffer; what <see cref="Written"/> gave is not to be touched after that.
/// </summary>
public sealed class ByteWriter : IDisposable
{
    byte[] _buffer;
    int _length;

    /// <summary>Starts with room for <paramref name="capacity"/> bytes.</summary>
    public ByteWriter(int capacity = 256) => _buffer = ArrayPool<byte>.Shared.Rent(capacity);

    /// <summary>How many bytes were written.</summary>
    public int Length => _length;

    /// <summary>All that was written; valid until the next write.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    /// <summary>All that was written; valid until the next write.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => _buffer.AsMemory(0, _length);

    /// <summary>Forgets all that was written and keeps the buffer.</summary>
    public void Clear() => _length = 0;

    /// <summary>Forgets what was written after the first <paramref name="length"/> bytes.</summary>
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)_length);
        _length = length;
    }

    /// <summary>Room for <paramref name="count"/> bytes that the caller fills, counted as written.</summary>
    public Span<byte> Reserve(int count)
    {
        if (_buffer.Length - _length < count)
            Grow(count);
        var span = _buffer.AsSpan(_length, count);
        _length += count;
        return span;
    }

    /// <summary>Writes one byte.</summary>
    public void WriteByte(byte value) => Reserve(1)[0] = value;

    /// <summary>Writes bytes as they are.</summary>
    public void WriteBytes(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Reserve(bytes.Length));

    /// <summary>Writes a number in base 128; see <see cref="ByteReader.ReadVarint"/>.</summary>
    public void WriteVarint(ulong value)
    {
        Span<byte> bytes = stackalloc byte[10];
        var n = 0;
        while (value >= 0x80)
        {
            bytes[n++] = (byte)(value | 0x80);
            value >>= 7;
        }

        bytes[n++] = (byte)value;
        WriteBytes(bytes[..n]);
    }

    /// <summary>Writes a signed number; see <see cref="ByteReader.ReadSignedVarint"/>.</summary>
    public void WriteSignedVarint(long value) => WriteVarint((ulong)((value << 1) ^ (value >> 63)));

    /// <summary>Writes a length and the bytes.</summary>
    public void WriteData(ReadOnlySpan<byte> bytes)
    {
        WriteVarint((ulong)bytes.Length);
        WriteBytes(bytes);
    }

    /// <summary>Writes a little-endian 32-bit number.</summary>
    public void WriteUInt32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Reserve(4), value);

    /// <summary>Writes a little-endian 64-bit number.</summary>
    public void WriteUInt64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Reserve(8), value);

    /// <summary>Writes a hash: the algorithm's number and its digest.</summary>
    public void WriteHash(in BlockHash hash)
    {
        WriteByte((byte)hash.Algorithm);
        WriteBytes(hash.Digest);
    }

    /// <summary>How many bytes <see cref="WriteVarint"/> takes for a number.</summary>
    public static int VarintLength(ulong value) => (70 - System.Numerics.BitOperations.LeadingZeroCount(value | 1)) / 7;

    /// <inheritdoc/>
    public void Dispose()
    {
        var buffer = _buffer;
        _buffer = [];
        _length = 0;
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
    }

    void Grow(int count)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, checked(_length + count)));
        Written.CopyTo(larger);
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
