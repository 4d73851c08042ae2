using System.Threading.Channels;
using Vt.Blocks.Contracts;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;

namespace Vt.Trees.Import;

/// <summary>What the parts of one import share.</summary>
sealed class ImportSession : IDisposable
{
    const int BatchesInOrder = 8;
    const int BatchesToRead = 2;

    public ImportSession(IBlockStore store, DirectoryReader reader, Dirent? previousRoot, ImportOptions options)
    {
        Store = store;
        Reader = reader;
        Options = options;
        Counters = options.Counters ?? new ImportCounters();
        TreeBatch = new TreeBatch(store);
        Links = new LinkTable(reader, TreeBatch, previousRoot?.Inodes ?? default);
    }

    public IBlockStore Store { get; }

    public DirectoryReader Reader { get; }

    public ImportOptions Options { get; }

    public ImportCounters Counters { get; }

    public TreeBatch TreeBatch { get; }

    public LinkTable Links { get; }

    public InodeFacts Facts { get; } = new();

    /// <summary>Every batch in the order of the tree.</summary>
    public Channel<ImportBatch> Ordered { get; } = Channel.CreateBounded<ImportBatch>(
        new BoundedChannelOptions(BatchesInOrder) { SingleReader = true, SingleWriter = true });

    /// <summary>The batches that have files to read.</summary>
    public Channel<ImportBatch> Work { get; } = Channel.CreateBounded<ImportBatch>(
        new BoundedChannelOptions(BatchesToRead) { SingleWriter = true });

    /// <inheritdoc/>
    public void Dispose() => TreeBatch.Dispose();
}
