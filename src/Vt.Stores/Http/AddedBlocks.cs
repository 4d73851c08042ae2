using Vt.Blocks.Contracts;

namespace Vt.Stores.Http;

/// <summary>What became of the blocks of a request.</summary>
/// <param name="NewBlocks">Blocks that the store did not have.</param>
/// <param name="NewBytes">Their bytes.</param>
/// <param name="StoredBytes">What they take.</param>
/// <param name="KnownBlocks">Blocks that it had.</param>
/// <param name="KnownBytes">Their bytes.</param>
/// <param name="Missing">Blocks that the sender believed there and that are not: they have to be sent.</param>
public sealed record AddedBlocks(long NewBlocks, long NewBytes, long StoredBytes, long KnownBlocks, long KnownBytes, string[] Missing)
{
    /// <summary>The counts.</summary>
    public AddCounts ToCounts() => new(NewBlocks, NewBytes, StoredBytes, KnownBlocks, KnownBytes);

    /// <summary>The wire's form of counts.</summary>
    public static AddedBlocks Of(in AddCounts counts, string[] missing) =>
        new(counts.NewBlocks, counts.NewBytes, counts.StoredBytes, counts.KnownBlocks, counts.KnownBytes, missing);
}
