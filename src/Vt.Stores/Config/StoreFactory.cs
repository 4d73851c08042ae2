using System.Diagnostics;
using Vt.Blocks.Chunking;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores.DataDir;
using Vt.Stores.Http;
using Vt.Stores.Memory;

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
    public static Task<IBlockStore> OpenAsync(StoreSettings settings, StoreOpenOptions options, CancellationToken cancellationToken = default) => settings switch
    {
        MemorySettings memory => Task.FromResult<IBlockStore>(
            new MemoryStore(HashAlgorithms.GetHasher(options.Hash), time: options.Clock) { MostBytes = memory.MaxData }),
        DataDirSettings dataDir => Task.FromResult<IBlockStore>(OpenDataDir(dataDir, options, cancellationToken)),
        HttpSettings http => HttpStoreOpener.OpenAsync(http, options, cancellationToken),
        _ => throw new UnreachableException(),
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

    static bool Exists(DataDirSettings settings) => File.Exists(new DataDirLayout(settings.Path).Config);

    static DataDirStore OpenDataDir(DataDirSettings settings, StoreOpenOptions options, CancellationToken cancellationToken)
    {
        if (!Exists(settings))
            throw new UserErrorException($"{settings.Path}: there is no store; \"vt init\" makes one, with the same -S or VT_STORE");
        return DataDirStore.Open(
            settings.Path, new DataDirOptions { IsReadOnly = options.IsReadOnly, Time = options.Clock, Boundary = options.Boundary }, cancellationToken);
    }
}
