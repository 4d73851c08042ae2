using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Trees.Sync;

/// <summary>Adds what lies below a block, which can be read now.</summary>
/// <param name="below">Takes it.</param>
/// <param name="cancellationToken">Gives up.</param>
public delegate ValueTask TransferExpansion(ICollection<TransferItem> below, CancellationToken cancellationToken);

/// <summary>A block that the other store is to have, with all that is below it.</summary>
/// <param name="Hash">The block.</param>
/// <param name="Expand">Finds what is below it; null where nothing is.</param>
/// <param name="Span">How many bytes of content it stands for, as far as that is known before it is read; of one without anything below it its length.</param>
public sealed record TransferItem(BlockHash Hash, TransferExpansion? Expand = null, long Span = 0)
{
    /// <summary>What a block is that could have had something below it and has nothing.</summary>
    public BlockContent LeafContent { get; init; } = BlockContent.Tree;
}
