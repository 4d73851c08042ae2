using Vt.Blocks.Hashing;
using Vt.Blocks.Reconciliation;

namespace Vt.Blocks.Contracts;

/// <summary>
/// A store that tells in few bytes which blocks it has, so that what differs from another store is found without a listing. Whatever lists its blocks can be asked through
/// <see cref="EnumeratedSketches"/>; this is for stores that are far away and do that there.
/// </summary>
public interface ISetSketches
{
    /// <summary>Whether it can be asked: a store at the other end of a line may not know how.</summary>
    bool CanSketch { get; }

    /// <summary>Sketches of the blocks' names, a sketch for each part, in their order, parts without any names too.</summary>
    /// <param name="key">By which names become numbers.</param>
    /// <param name="range">The parts.</param>
    /// <param name="cells">How many cells each sketch has, a multiple of three up to <see cref="SetSketch.MostCells"/>; 0 for sums alone.</param>
    /// <param name="cancellationToken">Gives up.</param>
    IAsyncEnumerable<SetSketch> SketchAsync(FingerprintKey key, SketchRange range, int cells, CancellationToken cancellationToken = default);

    /// <summary>The names whose numbers are among some, in order.</summary>
    /// <param name="key">By which names become numbers.</param>
    /// <param name="range">The parts in which they are.</param>
    /// <param name="numbers">The numbers, at most <see cref="SetReconciler.MostNumbers"/>; null for all names of the parts.</param>
    /// <param name="cancellationToken">Gives up.</param>
    IAsyncEnumerable<BlockHash> FindNamesAsync(FingerprintKey key, SketchRange range, IReadOnlyCollection<ulong>? numbers, CancellationToken cancellationToken = default);
}
