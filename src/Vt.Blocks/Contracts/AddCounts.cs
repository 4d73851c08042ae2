namespace Vt.Blocks.Contracts;

/// <summary>What became of the blocks of one add.</summary>
/// <param name="NewBlocks">Blocks that the store did not have.</param>
/// <param name="NewBytes">Their bytes, before compression.</param>
/// <param name="StoredBytes">What they take in the store, headers included.</param>
/// <param name="KnownBlocks">Blocks that the store had, or that came twice in the batch.</param>
/// <param name="KnownBytes">Their bytes.</param>
public readonly record struct AddCounts(long NewBlocks, long NewBytes, long StoredBytes, long KnownBlocks, long KnownBytes)
{
    /// <summary>The sum of two counts.</summary>
    public static AddCounts operator +(AddCounts a, AddCounts b) => Add(a, b);

    /// <summary>The sum of two counts.</summary>
    public static AddCounts Add(AddCounts a, AddCounts b) => new(
        a.NewBlocks + b.NewBlocks, a.NewBytes + b.NewBytes, a.StoredBytes + b.StoredBytes, a.KnownBlocks + b.KnownBlocks, a.KnownBytes + b.KnownBytes);
}
