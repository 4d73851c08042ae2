namespace Vt.Blocks.BlockTree;

/// <summary>A range in which two contents differ in every byte, or that only the longer one has.</summary>
/// <param name="Offset">Where it starts in both, in bytes.</param>
/// <param name="Length">How long it is; at least 1.</param>
public readonly record struct DifferingRange(long Offset, long Length)
{
    /// <summary>Where it ends.</summary>
    public long End => Offset + Length;
}
