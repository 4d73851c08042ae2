using System.Buffers.Binary;
using Vt.Blocks.BlockTree;

namespace Vt.Trees.Check;

/// <summary>
/// Blocks that need no second look. Compact: 20 to 30 bytes a block, so that 50 million blocks, 1.5 TiB of content at 32 KiB each, take 1 to
/// 1.5 GiB. That is also the bound: what would come after is forgotten, and checked again wherever it is met again. Not thread-safe.
/// </summary>
/// <remarks>
/// Open addressing with linear probing over 128 bits of a block's name, mixed with its length and with what it was taken for. Two blocks that
/// agree in them would be taken for one: even with 50 million of them the odds are below 1 in 10^22. The table is in parts that grow one at a time, so
/// that growing never doubles it.
/// </remarks>
/// <param name="most">How many blocks are remembered.</param>
sealed class SeenBlocks(long most = SeenBlocks.Most)
{
    /// <summary>How many blocks are remembered unless told otherwise.</summary>
    public const long Most = 50_000_000;

    const int Parts = 256;
    const int FirstSlots = 16;
    const double GrowthFactor = 1.5;

    readonly UInt128[][] _parts = new UInt128[Parts][];
    readonly int[] _counts = new int[Parts];

    /// <summary>How many there are.</summary>
    public long Count { get; private set; }

    /// <summary>Whether a block is remembered.</summary>
    public bool Contains(in BlockRef block, SeenAs seenAs)
    {
        var key = KeyOf(block, seenAs);
        var part = _parts[PartOf(key)];
        return part is not null && part[SlotOf(part, key)] == key;
    }

    /// <summary>Remembers a block.</summary>
    /// <returns>Whether it was not remembered before, which is always so once there is no more room.</returns>
    public bool Add(in BlockRef block, SeenAs seenAs)
    {
        var key = KeyOf(block, seenAs);
        var number = PartOf(key);
        var part = _parts[number] ??= new UInt128[FirstSlots];
        var slot = SlotOf(part, key);
        if (part[slot] == key)
            return false;
        if (Count >= most)
            return true;
        if ((_counts[number] + 1) * 5L > part.Length * 4L)
        {
            part = Grow(part);
            _parts[number] = part;
            slot = SlotOf(part, key);
        }

        part[slot] = key;
        _counts[number]++;
        Count++;
        return true;
    }

    static UInt128[] Grow(UInt128[] part)
    {
        var larger = new UInt128[(int)(part.Length * GrowthFactor)];
        foreach (var key in part)
        {
            if (key != UInt128.Zero)
                larger[SlotOf(larger, key)] = key;
        }

        return larger;
    }

    static int PartOf(UInt128 key) => (int)((ulong)key % Parts);

    // The upper half of the key as a fraction of the table, so that tables may have any length.
    static int SlotOf(UInt128[] part, UInt128 key)
    {
        var slot = (int)Math.BigMul((ulong)(key >> 64), (ulong)part.Length, out _);
        while (part[slot] != key && part[slot] != UInt128.Zero)
            slot = slot + 1 == part.Length ? 0 : slot + 1;
        return slot;
    }

    static UInt128 KeyOf(in BlockRef block, SeenAs seenAs)
    {
        var hash = block.Hash;
        var mixed = (((ulong)block.Span << 2) | (uint)seenAs) * 0x9e3779b97f4a7c15;
        var key = new UInt128(
            BinaryPrimitives.ReadUInt64BigEndian(hash.Digest), BinaryPrimitives.ReadUInt64BigEndian(hash.Digest[8..]) ^ mixed ^ (byte)hash.Algorithm);
        return key == UInt128.Zero ? UInt128.One : key;
    }
}
