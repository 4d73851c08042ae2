using Vt.Blocks.Contracts;

namespace Vt.Stores.Cache;

/// <summary>Where a cached block lies.</summary>
/// <param name="Position">The segment's number in the high 32 bits, the frame's offset in it in the low ones: later blocks have higher positions.</param>
/// <param name="Word">Length 24 bits, ordinal 10, then one each: of the queue, a tree block, in use; at the top how often it was used 2 and damaged 1.</param>
readonly record struct CacheEntry(ulong Position, ulong Word)
{
    /// <summary>The bits that change while the entry stays: they are not part of its check.</summary>
    public const ulong LooseBits = 7UL << 61;

    const int OrdinalShift = 24;
    const int LengthMask = (1 << OrdinalShift) - 1;
    const int OrdinalMask = 0x3ff;
    const ulong QueueBit = 1UL << 34;
    const ulong TreeBit = 1UL << 35;
    const ulong UsedBit = 1UL << 36;
    const ulong DamagedBit = 1UL << 61;
    const int UsesShift = 62;

    /// <summary>Makes an entry.</summary>
    public CacheEntry(ulong position, int length, int ordinal, bool isQueued, BlockContent content)
        : this(
            position,
            (uint)length | ((ulong)(uint)ordinal << OrdinalShift) | (isQueued ? QueueBit : 0) | (content == BlockContent.Tree ? TreeBit : 0) | UsedBit)
    {
    }

    /// <summary>The segment's number.</summary>
    public uint Segment => (uint)(Position >> 32);

    /// <summary>Where the frame starts, in bytes from the segment's start.</summary>
    public long Offset => (uint)Position;

    /// <summary>The frame's length with its header, in bytes.</summary>
    public int Length => (int)(Word & LengthMask);

    /// <summary>Which block of the frame.</summary>
    public int Ordinal => (int)(Word >> OrdinalShift) & OrdinalMask;

    /// <summary>Whether it was added to the queue, sent since or not.</summary>
    public bool IsQueued => (Word & QueueBit) != 0;

    /// <summary>Whether it proved damaged.</summary>
    public bool IsDamaged => (Word & DamagedBit) != 0;

    /// <summary>How often it was used since it was written, up to 3.</summary>
    public int Uses => (int)(Word >> UsesShift);

    /// <summary>Whether this is one at all.</summary>
    public bool IsNone => Word == 0;

    /// <summary>The same, used once more.</summary>
    public ulong WordUsed => Uses == 3 ? Word : Word + (1UL << UsesShift);

    /// <summary>The same, damaged.</summary>
    public ulong WordDamaged => Word | DamagedBit;

    /// <summary>A position.</summary>
    public static ulong At(uint segment, long offset) => ((ulong)segment << 32) | (uint)offset;
}
