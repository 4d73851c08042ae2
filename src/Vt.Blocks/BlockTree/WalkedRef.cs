namespace Vt.Blocks.BlockTree;

/// <summary>A reference that a walk came by.</summary>
/// <param name="Offset">Where its content starts, in bytes from the start of the whole.</param>
/// <param name="Reference">The reference: direct or indirect, so that there is a block.</param>
public readonly record struct WalkedRef(long Offset, BlockRef Reference)
{
    /// <summary>Where its content ends.</summary>
    public long End => Offset + Reference.Span;
}
