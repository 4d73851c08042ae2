using Vt.Blocks.Hashing;

namespace Vt.Trees.Sync;

/// <summary>Adds what lies below a block, which can be read now.</summary>
/// <param name="below">Takes it.</param>
/// <param name="cancellationToken">Gives up.</param>
public delegate ValueTask TransferExpansion(ICollection<TransferItem> below, CancellationToken cancellationToken);

/// <summary>A block that the other store is to have, with all that is below it.</summary>
/// <param name="Hash">The block.</param>
/// <param name="Expand">Finds what is below it; null where nothing is.</param>
public sealed record TransferItem(BlockHash Hash, TransferExpansion? Expand = null);
