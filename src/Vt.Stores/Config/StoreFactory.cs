using System.Diagnostics;
using Vt.Blocks.Chunking;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Posix;
using Vt.Stores.Cache;
using Vt.Stores.DataDir;
using Vt.Stores.Http;
using Vt.Stores.Memory;
using Vt.Stores.PackFile;
using Vt.Stores.Platonic;
using Vt.Stores.Proxy;
using Vt.Stores.S3;
using Vt.Stores.S3.Access;
using Vt.Stores.Streams;

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
        OpenAsync(settings, new StoreOpening(options), options.IsReadOnly, cancellationToken);

    /// <summary>Makes every DataDir that settings name and that is not there; what is there stays as it is.</summary>
    /// <param name="settings">The store, and what the settings say of a new one.</param>
    /// <param name="hash">The hash algorithm, where the settings name none.</param>
    /// <returns>Each DataDir, and whether it was made.</returns>
    public static IReadOnlyList<(DataDirSettings DataDir, bool IsMade)> MakeDataDirs(StoreSettings settings, HashAlgorithmId hash) =>
        [.. DataDirsOf(settings).Distinct().Select(dataDir => (dataDir, MakeDataDir(dataDir, hash)))];

    /// <summary>Every DataDir that settings name.</summary>
    public static IEnumerable<DataDirSettings> DataDirsOf(StoreSettings settings) => PartsOf(settings).OfType<DataDirSettings>();

    /// <summary>Every store in a bucket that settings name.</summary>
    public static IEnumerable<S3Settings> BucketsOf(StoreSettings settings) => PartsOf(settings).OfType<S3Settings>();

    /// <summary>Whether opening a store runs a shell's command.</summary>
    public static bool RunsCommand(StoreSettings settings) => PartsOf(settings).Any(static part => part is CommandSettings);

    /// <summary>Every folder of ordinary files that settings name as a store.</summary>
    public static IEnumerable<PlatonicSettings> PlatonicsOf(StoreSettings settings) => PartsOf(settings).OfType<PlatonicSettings>();

    /// <summary>Every folder that a store keeps its blocks in, and what it knows of them.</summary>
    public static IEnumerable<string> FoldersOf(StoreSettings settings) =>
        DataDirsOf(settings).Select(static dataDir => dataDir.Path)
            .Concat(CachesOf(settings).Select(static cache => cache.Path))
            .Concat(PlatonicsOf(settings).Select(static platonic => platonic.State))
            .Distinct();

    /// <summary>Every cache that settings name, those in front before those behind.</summary>
    public static IEnumerable<CacheSettings> CachesOf(StoreSettings settings) => settings switch
    {
        CacheSettings cache => [cache, .. cache.Store is { } behind ? CachesOf(behind) : []],
        ProxySettings proxy => proxy.All.SelectMany(CachesOf).Distinct(),
        PlatonicSettings platonic => CachesOf(platonic.Meta),
        _ => [],
    };

    /// <summary>
    /// A store with another in front of it. A cache gets the store behind it; another store is read first, gets copies of what is read, and is never asked
    /// whether it has something, as it keeps nothing for anybody.
    /// </summary>
    /// <param name="store">The store.</param>
    /// <param name="cache">What stands before it.</param>
    public static StoreSettings WithCache(StoreSettings store, StoreSettings cache) => cache is CacheSettings folder
        ? folder with { Store = store }
        : new ProxySettings { Save = new(store), Read = new(cache), ReadElse = new(store), Copy = new(cache) };

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

    /// <summary>Makes a store in a bucket where there is none; what is there stays as it is.</summary>
    /// <param name="settings">Where, and what the settings say of a new one.</param>
    /// <param name="hash">Its hash algorithm, where the settings name none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether it was made.</returns>
    /// <exception cref="UserErrorException">There is no such bucket, it may not be written, or its server can't be used.</exception>
    /// <exception cref="StoreUnavailableException">The server can't be reached.</exception>
    public static Task<bool> MakeS3Async(S3Settings settings, HashAlgorithmId hash, CancellationToken cancellationToken = default) =>
        S3Stores.MakeAsync(settings, hash, new S3Options(), cancellationToken);

    /// <summary>Opens a store, maybe as a part of others.</summary>
    internal static Task<IBlockStore> OpenAsync(StoreSettings settings, StoreOpening opening, bool isReadOnly, CancellationToken cancellationToken) => settings switch
    {
        MemorySettings memory => Task.FromResult<IBlockStore>(OpenMemory(memory, opening)),
        DataDirSettings dataDir => Task.FromResult<IBlockStore>(OpenDataDir(dataDir, opening.Options with { IsReadOnly = isReadOnly }, cancellationToken)),
        PackFileSettings file => Task.FromResult<IBlockStore>(PackFileStore.Open(file.Path, cancellationToken)),
        HttpSettings http => HttpStoreOpener.OpenAsync(http, opening.Options with { IsReadOnly = isReadOnly }, cancellationToken),
        StreamSettings stream => StreamOpener.OpenAsync(stream, opening.Options.Clock, cancellationToken),
        S3Settings s3 => S3Stores.OpenAsync(s3, new S3Options { IsReadOnly = isReadOnly, Clock = opening.Options.Clock }, cancellationToken),
        ProxySettings proxy => OpenProxyAsync(proxy, opening, isReadOnly, cancellationToken),
        CacheSettings cache => OpenCacheAsync(cache, opening, isReadOnly, cancellationToken),
        PlatonicSettings platonic => OpenPlatonicAsync(platonic, opening, isReadOnly, cancellationToken),
        _ => throw new UnreachableException(),
    };

    // The stores that a chain is made of.
    static IEnumerable<StoreSettings> PartsOf(StoreSettings settings) => settings switch
    {
        ProxySettings proxy => proxy.All.SelectMany(PartsOf),
        CacheSettings { Store: { } behind } => PartsOf(behind),
        PlatonicSettings platonic => [platonic, .. PartsOf(platonic.Meta)],
        _ => [settings],
    };

    // Where nobody can look is not where nothing is: who made a store there would have two.
    static bool Exists(DataDirSettings settings)
    {
        var error = PosixFile.TryStat(new DataDirLayout(settings.Path).Config, out _);
        return error is Errno.OK or Errno.ENOENT or Errno.ENOTDIR
            ? error == Errno.OK
            : throw new StoreUnavailableException($"datadir {settings.Path}", PosixException.TextOf(error), isTransient: false);
    }

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
            settings.Path, new DataDirOptions { IsReadOnly = options.IsReadOnly, Time = options.Clock, Boundary = options.Boundary, MostBytes = settings.MaxSize }, cancellationToken);
    }

    static async Task<IBlockStore> OpenPlatonicAsync(PlatonicSettings settings, StoreOpening opening, bool isReadOnly, CancellationToken cancellationToken) =>
        await PlatonicStore.OpenAsync(
            await OpenAsync(settings.Meta, opening, isReadOnly, cancellationToken),
            new PlatonicOptions { Folder = settings.Path, State = settings.State, IsReadOnly = isReadOnly, Boundary = opening.Options.Boundary },
            cancellationToken);

    static async Task<IBlockStore> OpenCacheAsync(CacheSettings settings, StoreOpening opening, bool isReadOnly, CancellationToken cancellationToken)
    {
        if (settings.Store is not { } behind)
            throw new UserErrorException($"{settings.Name}: a cache needs a store behind it; set store, or name the cache with -C");
        var part = await opening.PartAsync(behind, isReadOnly, cancellationToken);
        try
        {
            // A cache that knows what it was made for starts without it.
            if (part.Identity is null && CacheStore.Describe(settings.Path) is null)
                await part.OpenAsync(cancellationToken);
            return new CacheStore(
                settings.Path,
                part,
                new CacheOptions
                {
                    MostBytes = settings.MostBytes,
                    IsWriteback = settings.IsWriteback && !isReadOnly,
                    MostLag = settings.MostLag,
                    BackingName = behind.Name,
                    Time = opening.Options.Clock,
                    Boundary = opening.Options.Boundary,
                },
                cancellationToken);
        }
        catch (StoreUnavailableException fault) when (!settings.IsWriteback && part.Identity is not null && CacheStore.IsEmpty(settings.Path))
        {
            // It is only a help. What could wait in it to be sent is more, and then there is no going on without.
            opening.Options.OnNotice?.Invoke($"{fault.Message}; this command does without a cache");
            return part;
        }
        catch
        {
            await part.DisposeAsync();
            throw;
        }
    }

    static async Task<IBlockStore> OpenProxyAsync(ProxySettings settings, StoreOpening opening, bool isReadOnly, CancellationToken cancellationToken)
    {
        // What only gets copies is filled by readers too.
        var kept = settings.Read.Stores.Concat(settings.ReadElse.Stores).Except(settings.Copy.Stores).Concat(settings.Save.Stores).Concat(settings.SaveElse.Stores).ToHashSet();
        var parts = await opening.PartsAsync(settings.All, store => isReadOnly && (kept.Contains(store) || !settings.Copy.Stores.Contains(store)), cancellationToken);
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
