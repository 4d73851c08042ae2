namespace Vt.Blocks.BlockTree;

/// <summary>A stretch of content that one leaf holds.</summary>
/// <param name="Offset">Where it starts in the content, in bytes.</param>
/// <param name="Length">How long it is, in bytes; at least 1.</param>
/// <param name="Leaf">The leaf: direct, literal or run.</param>
/// <param name="LeafOffset">Where it starts in the leaf; not 0 only where a slice cuts the leaf.</param>
public readonly record struct LeafExtent(long Offset, long Length, BlockRef Leaf, long LeafOffset)
{
    /// <summary>Where it ends in the content.</summary>
    public long End => Offset + Length;

    /// <summary>Whether it is a run of zero bytes.</summary>
    public bool IsHole => Leaf.Kind == BlockRefKind.Run && Leaf.RunByte == 0;
}
