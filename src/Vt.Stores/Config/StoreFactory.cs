using System.Diagnostics;
using Vt.Blocks.Chunking;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores.DataDir;
using Vt.Stores.Memory;
using Vt.Stores.Proxy;

namespace Vt.Stores.Config;

/// <summary>Opens and makes stores from their settings.</summary>
public static class StoreFactory
{
    /// <summary>Opens a store.</summary>
    /// <param name="settings">Which.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="UserErrorException">There is no such store.</exception>
    /// <exception cref="StoreUnavailableException">It can't be opened.</exception>
    public static Task<IBlockStore> OpenAsync(StoreSettings settings, StoreOpenOptions options, CancellationToken cancellationToken = default) =>
        OpenAsync(settings, new StoreOpening(options), cancellationToken);

    /// <summary>Makes every DataDir that settings name and that is not there; what is there stays as it is.</summary>
    /// <param name="settings">The store, and what the settings say of a new one.</param>
    /// <param name="hash">The hash algorithm, where the settings name none.</param>
    /// <returns>Each DataDir, and whether it was made.</returns>
    public static IReadOnlyList<(DataDirSettings DataDir, bool IsMade)> MakeDataDirs(StoreSettings settings, HashAlgorithmId hash) =>
        [.. DataDirsOf(settings).Distinct().Select(dataDir => (dataDir, MakeDataDir(dataDir, hash)))];

    /// <summary>Every DataDir that settings name.</summary>
    public static IEnumerable<DataDirSettings> DataDirsOf(StoreSettings settings) => settings switch
    {
        DataDirSettings dataDir => [dataDir],
        ProxySettings proxy => proxy.All.SelectMany(DataDirsOf),
        _ => [],
    };

    /// <summary>Makes a DataDir where there is none; what is there stays as it is.</summary>
    /// <param name="settings">Where, and what the settings say of a new one.</param>
    /// <param name="hash">Its hash algorithm, where the settings name none.</param>
    /// <returns>Whether it was made.</returns>
    public static bool MakeDataDir(DataDirSettings settings, HashAlgorithmId hash)
    {
        if (Exists(settings))
            return false;
        var standard = new DataDirConfig();
        DataDirStore.Initialise(settings.Path, standard with
        {
            Hash = settings.Hash ?? hash,
            Chunking = settings.BlockSize is { } average ? ChunkingParameters.ForAverage(average) : standard.Chunking,
            PackSize = settings.PackSize ?? standard.PackSize,
            Level = settings.Level ?? standard.Level,
        });
        return true;
    }

    /// <summary>Opens a store, maybe as a part of others.</summary>
    internal static Task<IBlockStore> OpenAsync(StoreSettings settings, StoreOpening opening, CancellationToken cancellationToken) => settings switch
    {
        MemorySettings memory => Task.FromResult<IBlockStore>(OpenMemory(memory, opening)),
        DataDirSettings dataDir => Task.FromResult<IBlockStore>(OpenDataDir(dataDir, opening.Options, cancellationToken)),
        ProxySettings proxy => OpenProxyAsync(proxy, opening, cancellationToken),
        _ => throw new UnreachableException(),
    };

    static bool Exists(DataDirSettings settings) => File.Exists(new DataDirLayout(settings.Path).Config);

    static MemoryStore OpenMemory(MemorySettings settings, StoreOpening opening) =>
        new(opening.Identity?.Hasher ?? HashAlgorithms.GetHasher(opening.Options.Hash), opening.Identity?.Chunking, opening.Options.Clock)
        {
            MostBytes = settings.MaxData,
        };

    static DataDirStore OpenDataDir(DataDirSettings settings, StoreOpenOptions options, CancellationToken cancellationToken)
    {
        if (!Exists(settings))
            throw new UserErrorException($"{settings.Path}: there is no store; \"vt init\" makes one, with the same -S or VT_STORE");
        return DataDirStore.Open(
            settings.Path, new DataDirOptions { IsReadOnly = options.IsReadOnly, Time = options.Clock, Boundary = options.Boundary }, cancellationToken);
    }

    static async Task<IBlockStore> OpenProxyAsync(ProxySettings settings, StoreOpening opening, CancellationToken cancellationToken)
    {
        var parts = await opening.PartsAsync(settings.All, cancellationToken);
        try
        {
            if (parts.Values.All(static part => part.Identity is null))
                await parts.Values.First().OpenAsync(cancellationToken);
            IReadOnlyList<IBlockStore> Of(StoreList list) => [.. list.Stores.Select(store => parts[store])];
            return new ProxyStore(
                new ProxyRoles
                {
                    Save = Of(settings.Save),
                    SaveElse = Of(settings.SaveElse),
                    Read = Of(settings.Read),
                    ReadElse = Of(settings.ReadElse),
                    Copy = Of(settings.Copy),
                    References = [.. settings.References.Select(route => new RefRoute(parts[route.Store], route.Pattern))],
                },
                new ProxyOptions { HedgeDelay = settings.HedgeDelay, IsHedgeOff = settings.IsHedgeOff, Time = opening.Options.Clock });
        }
        catch
        {
            foreach (var part in parts.Values)
                await part.DisposeAsync();
            throw;
        }
    }
}
