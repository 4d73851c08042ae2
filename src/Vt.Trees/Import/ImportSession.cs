using System.Threading.Channels;
using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;

namespace Vt.Trees.Import;

/// <summary>What the parts of one import share.</summary>
sealed class ImportSession : IDisposable
{
    const int BatchesInOrder = 8;
    const int BatchesToRead = 2;

    ImportSession(IBlockStore store, DirectoryReader reader, ImportOptions options)
    {
        var hasDamage = store is IDamageNotes { HasDamage: true };
        Store = hasDamage ? new ProvingStore(store) : store;
        Reader = reader;
        Options = options;
        LargeContent = BlockTreeWriterOptions.ForLarge(ContentStore);
        Counters = options.Counters ?? new ImportCounters();
        TreeBatch = new TreeBatch(Store);
        Previous = new PreviousCheck(store, reader, TreeBatch, hasDamage);
        Links = new LinkTable(reader, TreeBatch, default);
    }

    public IBlockStore Store { get; }

    /// <summary>Where the content of files goes.</summary>
    public IBlockStore ContentStore => Options.InPlace?.ContentStore ?? Store;

    /// <summary>How content is written that is too long to be put together with others.</summary>
    public BlockTreeWriterOptions LargeContent { get; }

    public DirectoryReader Reader { get; }

    public ImportOptions Options { get; }

    public ImportCounters Counters { get; }

    public TreeBatch TreeBatch { get; }

    public PreviousCheck Previous { get; }

    public LinkTable Links { get; private set; }

    /// <summary>Whether what was looked at does not suffice: see <see cref="ImportOptions.Scope"/>. The walker's.</summary>
    public bool NeedsAll { get; set; }

    public InodeFacts Facts { get; } = new();

    /// <summary>Every batch in the order of the tree.</summary>
    public Channel<ImportBatch> Ordered { get; } = Channel.CreateBounded<ImportBatch>(
        new BoundedChannelOptions(BatchesInOrder) { SingleReader = true, SingleWriter = true });

    /// <summary>The batches that have files to read.</summary>
    public Channel<ImportBatch> Work { get; } = Channel.CreateBounded<ImportBatch>(
        new BoundedChannelOptions(BatchesToRead) { SingleWriter = true });

    /// <summary>Starts an import.</summary>
    /// <param name="store">Where to.</param>
    /// <param name="reader">Reads the previous state.</param>
    /// <param name="previousRoot">Its root; null where there is none.</param>
    /// <param name="options">What is taken and how.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async ValueTask<ImportSession> StartAsync(
        IBlockStore store, DirectoryReader reader, Dirent? previousRoot, ImportOptions options, CancellationToken cancellationToken)
    {
        var session = new ImportSession(store, reader, options);
        try
        {
            var inodes = previousRoot?.Inodes ?? default;
            var readable = await session.Previous.SalvageAsync(inodes, DirectoryOrder.Uuids, cancellationToken);
            session.Links = new LinkTable(reader, session.TreeBatch, readable ?? inodes) { HasGaps = readable is not null };
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => TreeBatch.Dispose();
}
