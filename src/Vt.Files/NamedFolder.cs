namespace Vt.Files;

/// <summary>
/// A folder whose entries are found by asking, such as the versions of a tree: what can be listed, and what has a name, which may be more. Safe from any thread.
/// </summary>
public abstract class NamedFolder
{
    /// <summary>The names that a listing shows, in any order; all are folders.</summary>
    public abstract ValueTask<IReadOnlyList<byte[]>> ListAsync(CancellationToken cancellationToken);

    /// <summary>What a name leads to.</summary>
    /// <param name="name">The name; has no slash.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Null where there is no such name. As long as a name leads to the same folder it has to be the same object.</returns>
    public abstract ValueTask<NamedEntry?> FindAsync(ReadOnlyMemory<byte> name, CancellationToken cancellationToken);
}
