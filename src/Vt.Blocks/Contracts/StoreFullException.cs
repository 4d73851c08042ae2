namespace Vt.Blocks.Contracts;

/// <summary>A store has no room left. What was flushed before stays.</summary>
/// <param name="store">The store's description.</param>
/// <param name="what">What did not fit, and where.</param>
/// <param name="inner">The cause, where there is one.</param>
public sealed class StoreFullException(string store, string what, Exception? inner = null) : Exception($"{store} is full: {what}", inner)
{
    /// <summary>The store's description.</summary>
    public string Store { get; } = store;
}
