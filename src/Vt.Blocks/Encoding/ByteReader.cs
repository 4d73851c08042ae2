using System.Buffers.Binary;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Blocks.Encoding;

/// <summary>
/// Reads our binary forms from a span. Every length is checked against what is left before anything is taken, so bytes from
/// disk or network can do no worse than <see cref="FormatInvalidException"/>.
/// </summary>
public ref struct ByteReader
{
    readonly ReadOnlySpan<byte> _data;
    int _position;

    /// <summary>Reads from the start of <paramref name="data"/>, which is borrowed.</summary>
    public ByteReader(ReadOnlySpan<byte> data)
    {
        _data = data;
        _position = 0;
    }

    /// <summary>How many bytes have been read.</summary>
    public readonly int Position => _position;

    /// <summary>How many bytes are left.</summary>
    public readonly int Remaining => _data.Length - _position;

    /// <summary>Whether all was read.</summary>
    public readonly bool AtEnd => _position == _data.Length;

    /// <summary>The next byte.</summary>
    public byte ReadByte()
    {
        if (_position >= _data.Length)
            throw Short(1);
        return _data[_position++];
    }

    /// <summary>The next <paramref name="count"/> bytes, in place.</summary>
    public ReadOnlySpan<byte> ReadBytes(int count)
    {
        if ((uint)count > (uint)Remaining)
            throw Short(count);
        var bytes = _data.Slice(_position, count);
        _position += count;
        return bytes;
    }

    /// <summary>
    /// An unsigned number in base 128, least significant group first, the high bit set on all bytes but the last (LEB128). A
    /// form longer than needed is refused, so that each value has one encoding.
    /// </summary>
    public ulong ReadVarint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var b = ReadByte();
            if (shift == 63 && b > 1)
                throw new FormatInvalidException("a number has more than 64 bits", _position - 1);
            value |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80)
            {
                if (b == 0 && shift > 0)
                    throw new FormatInvalidException("a number is written longer than it needs", _position - 1);
                return value;
            }
        }

        throw new FormatInvalidException("a number has more than 64 bits", _position - 1);
    }

    /// <summary>A number as <see cref="ReadVarint"/>, which must not exceed <paramref name="maximum"/>.</summary>
    public int ReadLength(int maximum)
    {
        var at = _position;
        var value = ReadVarint();
        if (value > (ulong)maximum)
            throw new FormatInvalidException($"a length of {value} is over its limit of {maximum}", at);
        return (int)value;
    }

    /// <summary>A non-negative 63-bit number as <see cref="ReadVarint"/>.</summary>
    public long ReadVarintLong()
    {
        var at = _position;
        var value = ReadVarint();
        return value <= long.MaxValue ? (long)value : throw new FormatInvalidException($"{value} is out of range", at);
    }

    /// <summary>A signed number, zigzag-coded so that small negatives are short.</summary>
    public long ReadSignedVarint()
    {
        var value = ReadVarint();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    /// <summary>A length and that many bytes, in place.</summary>
    public ReadOnlySpan<byte> ReadData() => ReadBytes(ReadLength(Remaining));

    /// <summary>A little-endian 32-bit number.</summary>
    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32LittleEndian(ReadBytes(4));

    /// <summary>A little-endian 64-bit number.</summary>
    public ulong ReadUInt64() => BinaryPrimitives.ReadUInt64LittleEndian(ReadBytes(8));

    /// <summary>A hash: the algorithm's number and its digest.</summary>
    public BlockHash ReadHash()
    {
        var at = _position;
        var algorithm = (HashAlgorithmId)ReadByte();
        var length = HashAlgorithms.DigestLength(algorithm);
        if (length == 0)
            throw new FormatInvalidException($"hash algorithm {(int)algorithm} is not known", at);
        return new BlockHash(algorithm, ReadBytes(length));
    }

    readonly FormatInvalidException Short(int wanted) =>
        new($"{wanted} bytes are wanted but {Remaining} are left", _position);
}
