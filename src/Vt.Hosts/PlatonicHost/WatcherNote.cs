namespace Vt.Hosts.PlatonicHost;

/// <summary>Who watches a platonic store's folder.</summary>
/// <param name="Process">The process's number.</param>
/// <param name="Watches">How many folders it watches.</param>
/// <param name="Unwatched">How many it can't watch.</param>
public sealed record WatcherNote(int Process, long Watches, long Unwatched)
{
    /// <inheritdoc/>
    public override string ToString() => $"process {Process}";
}
