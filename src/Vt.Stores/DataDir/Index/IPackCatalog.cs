namespace Vt.Stores.DataDir.Index;

/// <summary>
/// What the index asks of the packs that it indexes. Implemented by the DataDir, so that the index knows nothing of frames.
/// Called from any thread, while the index is loading: the methods must not call the index.
/// </summary>
interface IPackCatalog
{
    /// <summary>Every closed pack that is there now, in any order. A listing that fails throws; it is never shorter.</summary>
    IReadOnlyList<PackId> List();

    /// <summary>Where the pack's table of contents (a run) lies.</summary>
    /// <returns>The place, or null when the pack has none that can be found: it is then scanned.</returns>
    RunPlace? Locate(PackId pack);

    /// <summary>Reads the pack's frames, since its table of contents is missing or damaged, and adds every block found.</summary>
    /// <remarks>What can't be read is left out and reported by the catalogue itself; a pack that is gone adds nothing.</remarks>
    /// <param name="pack">The pack.</param>
    /// <param name="into">Receives the blocks; their <see cref="BlockLocation.Pack"/> is not looked at.</param>
    /// <param name="cancellationToken">Stops the scan.</param>
    void Scan(PackId pack, RunBuilder into, CancellationToken cancellationToken);
}
