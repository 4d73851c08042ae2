namespace Vt.Blocks.Contracts;

/// <summary>
/// A store that is complete until somebody says that it will get trees without what they refer to: what a chain does to a store that keeps a part of what
/// is read together.
/// </summary>
public interface IPartialStore
{
    /// <summary>Says so, for good: from then on <see cref="IBlockStore.IsComplete"/> is false, for whoever opens the store too.</summary>
    /// <param name="cancellationToken">Gives up before it is said.</param>
    /// <exception cref="StoreUnavailableException">It can't be noted.</exception>
    ValueTask MarkPartialAsync(CancellationToken cancellationToken = default);
}
