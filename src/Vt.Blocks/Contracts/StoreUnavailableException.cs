namespace Vt.Blocks.Contracts;

/// <summary>A store can't answer: not reachable, not readable, not writable.</summary>
/// <param name="store">The store's description.</param>
/// <param name="what">What was tried and what came of it.</param>
/// <param name="isTransient">Whether the same call may succeed later.</param>
/// <param name="inner">The cause, where there is one.</param>
public sealed class StoreUnavailableException(string store, string what, bool isTransient = false, Exception? inner = null)
    : Exception($"{store}: {what}", inner)
{
    /// <summary>The store's description.</summary>
    public string Store { get; } = store;

    /// <summary>Whether the same call may succeed later.</summary>
    public bool IsTransient { get; } = isTransient;
}
