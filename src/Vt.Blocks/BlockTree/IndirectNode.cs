using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;

namespace Vt.Blocks.BlockTree;

/// <summary>
/// A decoded indirect block: the references whose contents, one after another, are its content. Immutable and safe from any
/// thread. About 80 bytes of memory a child, so at most 41 KiB.
/// </summary>
/// <remarks>
/// The block: <c>VtN</c>, the format's version (1), the level (1 byte), the number of children (varint), and each child in
/// its binary form. At level 1 the children are direct, literal or run references; at a level above they are all indirect
/// and one level below. No child is a slice and none is empty, so a walk can't go deeper than
/// <see cref="BlockRef.DeepestLevel"/> whatever the bytes are.
/// </remarks>
public sealed class IndirectNode
{
    /// <summary>The most children that a node may have.</summary>
    public const int MostChildren = 512;

    /// <summary>The longest header, in bytes.</summary>
    internal const int LongestHeader = 4 + 1 + 2;

    const uint Magic = 'V' | ('t' << 8) | ('N' << 16) | (1 << 24);

    readonly BlockRef[] _children;
    readonly long[] _ends;

    IndirectNode(int encodedLength, int level, BlockRef[] children, long[] ends)
    {
        EncodedLength = encodedLength;
        Level = level;
        _children = children;
        _ends = ends;
    }

    /// <summary>How many bytes the block has.</summary>
    public int EncodedLength { get; }

    /// <summary>The level: 1 where the children are leaves.</summary>
    public int Level { get; }

    /// <summary>How many bytes of content the children stand for together.</summary>
    public long Span => _ends[^1];

    /// <summary>How many children there are: 1 to <see cref="MostChildren"/>.</summary>
    public int Count => _children.Length;

    /// <summary>The children in the order of their contents.</summary>
    public ReadOnlySpan<BlockRef> Children => _children;

    /// <summary>Where a child's content starts, in bytes from the start of the node's.</summary>
    public long StartOf(int child) => child == 0 ? 0 : _ends[child - 1];

    /// <summary>The child that holds the byte at an offset.</summary>
    /// <param name="offset">Bytes from the start of the node's content; at least 0 and below <see cref="Span"/>.</param>
    public int Find(long offset)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(offset, Span);
        var found = Array.BinarySearch(_ends, offset);
        return found >= 0 ? found + 1 : ~found;
    }

    /// <summary>Decodes a block.</summary>
    /// <param name="block">All of its bytes; borrowed for the call.</param>
    /// <exception cref="FormatInvalidException">They are not a node's.</exception>
    public static IndirectNode Read(ReadOnlySpan<byte> block)
    {
        var reader = new ByteReader(block);
        if (reader.Remaining < 4 || reader.ReadUInt32() != Magic)
            throw new FormatInvalidException("the block does not start as an indirect block of version 1 does");
        int level = reader.ReadByte();
        if (level is 0 or > BlockRef.DeepestLevel)
            throw new FormatInvalidException($"an indirect block has level {level}", reader.Position - 1);
        var children = new BlockRef[ReadCount(ref reader)];
        var ends = new long[children.Length];
        long span = 0;
        for (var i = 0; i < children.Length; i++)
        {
            var at = reader.Position;
            children[i] = BlockRef.Read(ref reader);
            CheckChild(children[i], level, at);
            if (children[i].Span > long.MaxValue - span)
                throw new FormatInvalidException("the children's spans add up to more than 63 bits", at);
            ends[i] = span += children[i].Span;
        }

        if (!reader.AtEnd)
            throw new FormatInvalidException($"{reader.Remaining} bytes follow the last child", reader.Position);
        return new IndirectNode(block.Length, level, children, ends);
    }

    /// <summary>Reads and decodes the node that a reference names, and checks it against the reference.</summary>
    /// <exception cref="BlockMissingException">The store does not have it.</exception>
    /// <exception cref="BlockCorruptException">It is not a node, or one of another level or span.</exception>
    public static async ValueTask<IndirectNode> LoadAsync(
        IBlockStore store, BlockRef reference, CancellationToken cancellationToken = default)
    {
        using var block = await store.GetAsync(reference.Hash, cancellationToken);
        return Decode(store, reference, block);
    }

    /// <summary>Decodes a block that was got for a reference, and checks it against the reference.</summary>
    internal static IndirectNode Decode(IBlockStore store, in BlockRef reference, in BlockLease block)
    {
        if (!block.IsPresent)
            throw new BlockMissingException(reference.Hash, store.Description);
        IndirectNode node;
        try
        {
            node = Read(block.Span);
        }
        catch (FormatInvalidException fault)
        {
            throw new BlockCorruptException(reference.Hash, store.Description, fault.Message, fault);
        }

        node.CheckAgainst(store, reference);
        return node;
    }

    /// <summary>Checks that a reference describes this node.</summary>
    /// <exception cref="BlockCorruptException">Its level or span is another.</exception>
    internal void CheckAgainst(IBlockStore store, in BlockRef reference)
    {
        if (Level == reference.Level && Span == reference.Span)
            return;
        throw new BlockCorruptException(
            reference.Hash,
            store.Description,
            $"an indirect block of level {Level} and span {Span} stands where "
                + $"level {reference.Level} and span {reference.Span} are wanted");
    }

    /// <summary>Writes a node's block.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="level">The node's level.</param>
    /// <param name="count">How many children it has.</param>
    /// <param name="children">Their binary forms, one after another.</param>
    internal static void Write(ByteWriter writer, int level, int count, ReadOnlySpan<byte> children)
    {
        writer.WriteUInt32(Magic);
        writer.WriteByte((byte)level);
        writer.WriteVarint((ulong)count);
        writer.WriteBytes(children);
    }

    static int ReadCount(ref ByteReader reader)
    {
        var at = reader.Position;
        var count = reader.ReadLength(MostChildren);
        return count > 0 ? count : throw new FormatInvalidException("an indirect block has no children", at);
    }

    static void CheckChild(in BlockRef child, int level, int at)
    {
        var childLevel = child.Kind == BlockRefKind.Indirect ? child.Level : 0;
        if (childLevel != level - 1)
            throw new FormatInvalidException($"a child of level {childLevel} is in an indirect block of level {level}", at);
        if (child.Kind == BlockRefKind.Slice || child.Span == 0)
            throw new FormatInvalidException("a child of an indirect block is a slice or empty", at);
    }
}
