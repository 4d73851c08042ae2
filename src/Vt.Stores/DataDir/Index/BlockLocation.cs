using System.Buffers.Binary;

namespace Vt.Stores.DataDir.Index;

/// <summary>Where a block lies: a pack, the frame in it, and the block's place within the frame.</summary>
/// <remarks>
/// The binary form has 16 bytes, little-endian: pack 4, offset 4, length 4, ordinal 2, flags 2. On disk the pack is a row of
/// the run's pack table; in memory it is a slot of the <see cref="BlockIndex"/> that gave it. A length of 0 means no place.
/// </remarks>
/// <param name="Pack">Which pack: see the remarks.</param>
/// <param name="OffsetUnits">Where the frame's header starts, in units of <see cref="OffsetUnit"/> bytes from the pack's start.</param>
/// <param name="Length">The whole frame with its header, in bytes.</param>
/// <param name="Ordinal">Which block of the frame, counted from 0.</param>
/// <param name="Flags">What the pack's writer wants to know again without reading the frame; the index carries it along.</param>
readonly record struct BlockLocation(uint Pack, uint OffsetUnits, uint Length, ushort Ordinal, ushort Flags)
{
    /// <summary>The binary form's length in bytes.</summary>
    public const int Size = 16;

    /// <summary>Frames start at multiples of this many bytes, which lets 32 bits reach <see cref="LargestPack"/>.</summary>
    public const int OffsetUnit = 8;

    /// <summary>The largest pack that locations can reach into: 32 GiB.</summary>
    public const long LargestPack = (1L << 32) * OffsetUnit;

    /// <summary>Whether this is no place at all.</summary>
    public bool IsNone => Length == 0;

    /// <summary>Where the frame's header starts, in bytes from the pack's start.</summary>
    public long Offset => (long)OffsetUnits * OffsetUnit;

    /// <summary>Makes a location from an offset in bytes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The offset is no multiple of <see cref="OffsetUnit"/>, or out of reach.</exception>
    public static BlockLocation At(uint pack, long offset, int length, int ordinal = 0, ushort flags = 0)
    {
        if (offset < 0 || offset >= LargestPack || offset % OffsetUnit != 0)
            throw new ArgumentOutOfRangeException(nameof(offset), offset, "a frame starts at a multiple of 8 bytes below 32 GiB");
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        return new BlockLocation(pack, (uint)(offset / OffsetUnit), (uint)length, checked((ushort)ordinal), flags);
    }

    /// <summary>Reads the binary form from the first <see cref="Size"/> bytes; any bytes make a location.</summary>
    public static BlockLocation Read(ReadOnlySpan<byte> bytes)
    {
        var first = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        var second = BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]);
        return new BlockLocation((uint)first, (uint)(first >> 32), (uint)second, (ushort)(second >> 32), (ushort)(second >> 48));
    }

    /// <summary>Writes the binary form into the first <see cref="Size"/> bytes.</summary>
    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Pack | ((ulong)OffsetUnits << 32));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], Length | ((ulong)Ordinal << 32) | ((ulong)Flags << 48));
    }
}
