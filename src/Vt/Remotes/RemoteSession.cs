using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Commands;
using Vt.Stores.Config;
using Vt.Trees.Sync;
using Vt.Versions;
using Vt.Volumes.Branches;

namespace Vt.Remotes;

/// <summary>The store that commands use and a remote, both open, and how they are brought into step. Used by one operation at a time.</summary>
sealed class RemoteSession : IAsyncDisposable
{
    VolumeCatalog? _catalog;

    RemoteSession(CommandContext context, RemotePlace place, OpenVolumes here, IBlockStore there, SyncOptions options, SyncReport report)
    {
        (Context, Place, Here, There, Options, Report) = (context, place, here, there, options, report);
        Transfer = new TransferOptions
        {
            Parallel = options.Parallel,
            Rate = new ByteRate(options.BytesPerSecond, context.Surroundings.Clock),
            IsDryRun = options.IsDryRun,
        };
    }

    /// <summary>The command.</summary>
    public CommandContext Context { get; }

    /// <summary>Which remote it is.</summary>
    public RemotePlace Place { get; }

    /// <summary>The store that commands use, and what this machine has of its volumes.</summary>
    public OpenVolumes Here { get; }

    /// <summary>The remote's store.</summary>
    public IBlockStore There { get; }

    /// <summary>How.</summary>
    public SyncOptions Options { get; }

    /// <summary>How blocks are brought, with the counters of all that is.</summary>
    public TransferOptions Transfer { get; }

    /// <summary>Where what becomes of everything is said.</summary>
    public SyncReport Report { get; }

    /// <summary>The remote's volumes.</summary>
    /// <exception cref="UserErrorException">It keeps no references.</exception>
    public VolumeCatalog Catalog => _catalog ??= new VolumeCatalog(There);

    /// <summary>The references of the store that commands use.</summary>
    public IRefStore ReferencesHere => (IRefStore)Here.Store;

    /// <summary>The remote's references.</summary>
    /// <exception cref="UserErrorException">It keeps none.</exception>
    public IRefStore ReferencesThere => There as IRefStore ?? throw new UserErrorException($"{There.Description} keeps no references");

    /// <summary>Opens both stores.</summary>
    /// <param name="context">The command.</param>
    /// <param name="place">The remote.</param>
    /// <param name="isWritten">Whether the remote is to be written, too.</param>
    /// <param name="options">How they are brought into step.</param>
    /// <param name="report">Where what becomes of everything is said.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="UserErrorException">There is no such store, or the two name blocks by different algorithms.</exception>
    public static async Task<RemoteSession> OpenAsync(
        CommandContext context, RemotePlace place, bool isWritten, SyncOptions options, SyncReport report, CancellationToken cancellationToken)
    {
        var here = await OpenVolumes.OpenAsync(context, isReadOnly: false, cancellationToken);
        RemoteSession? session = null;
        try
        {
            var there = await OpenAsync(context, place.Settings, isReadOnly: !isWritten || options.IsDryRun, cancellationToken);
            session = new RemoteSession(context, place, here, there, options, report);
            session.CheckAlgorithms();
            return session;
        }
        catch
        {
            await (session?.DisposeAsync() ?? here.DisposeAsync());
            throw;
        }
    }

    /// <summary>Opens a remote's store by itself.</summary>
    public static Task<IBlockStore> OpenAsync(CommandContext context, StoreSettings settings, bool isReadOnly, CancellationToken cancellationToken) =>
        context.Surroundings.OpenStore(settings, new StoreOpenOptions { IsReadOnly = isReadOnly, Boundary = context.Boundary, OnNotice = context.Messages.Say }, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await There.DisposeAsync();
        await Here.DisposeAsync();
    }

    void CheckAlgorithms()
    {
        var (here, there) = (Here.Store.Hasher.Algorithm, There.Hasher.Algorithm);
        if (here != there)
        {
            throw new UserErrorException(
                $"{Here.Store.Description} names blocks by {HashAlgorithms.NameOf(here)}, {There.Description} by {HashAlgorithms.NameOf(there)}: what is in one can't be sent to the other as it is; export and import it");
        }
    }
}
