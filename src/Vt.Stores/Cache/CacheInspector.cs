using Vt.Blocks.Contracts;

namespace Vt.Stores.Cache;

/// <summary>Looks at a cache folder without the store that it stands before.</summary>
/// <param name="path">The folder, absolute.</param>
public sealed class CacheInspector(string path)
{
    /// <summary>What the folder holds; null where there is no cache yet.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="UserErrorException">It is damaged.</exception>
    /// <exception cref="StoreUnavailableException">It can't be read.</exception>
    public CacheInfo? GetInfo(CancellationToken cancellationToken = default)
    {
        if (Open(cancellationToken) is not var (folder, behind))
            return null;
        using (folder)
        {
            var (bytes, count) = folder.Locked(static segments => segments.Measure());
            return new CacheInfo(path, behind, bytes + folder.TableBytes, count, folder.State.Hits, folder.State.Misses, folder.Lag(null));
        }
    }

    /// <summary>Removes what the folder keeps.</summary>
    /// <param name="withUnsent">Whether what waits to be sent goes too, for good.</param>
    /// <param name="cancellationToken">Gives up before anything is removed.</param>
    /// <returns>What waited to be sent before; null where there is no cache.</returns>
    /// <exception cref="StoreUnavailableException">It can't be written.</exception>
    public StoreLag? Clear(bool withUnsent, CancellationToken cancellationToken = default)
    {
        if (Open(cancellationToken) is not var (folder, _))
            return null;
        using (folder)
        {
            var lag = folder.Lag(null);
            folder.Clear(withUnsent);
            return lag;
        }
    }

    (CacheFolder Folder, string Behind)? Open(CancellationToken cancellationToken)
    {
        var files = new CacheFiles(path);
        if (files.ReadIdentity() is not { } identity)
            return null;
        var behind = files.ReadBehind() ?? "";
        return (CacheFolder.Open(path, identity, new CacheOptions { BackingName = behind }, cancellationToken), behind);
    }
}
