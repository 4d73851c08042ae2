using Vt.Blocks.Contracts;
using Vt.Commands;
using Vt.Output;
using Vt.Stores.Config;
using Vt.Trees.Dirents;
using Vt.Trees.Import;

namespace Vt.Operations;

/// <summary>Saves a tree of the disk in a store, under the eyes of who waits for it: what <c>vt import</c> and <c>put</c> of a session do.</summary>
/// <param name="context">The command.</param>
/// <param name="store">The store.</param>
sealed class TreeImport(CommandContext context, IBlockStore store)
{
    /// <summary>What is taken and how; who counts and who is told is filled in.</summary>
    public ImportOptions Options { get; init; } = new();

    /// <summary>How far it is.</summary>
    public ImportCounters Counters { get; } = new();

    /// <summary>Saves.</summary>
    /// <param name="source">What, an absolute path.</param>
    /// <param name="findPrevious">Finds the tree that it becomes a part of; none where there is none. Waited for under the same eyes.</param>
    /// <param name="path">Where in that tree.</param>
    /// <param name="cancellationToken">Stops it; what was stored by then is found again by the next one.</param>
    public Task<ImportResult> RunAsync(byte[] source, Func<ValueTask<Dirent?>> findPrevious, ReadOnlyMemory<byte> path, CancellationToken cancellationToken) =>
        RunAsync(findPrevious, (previous, options) => new Importer(store).ImportAsync(source, previous, path, options, cancellationToken));

    /// <summary>Saves what is in a tar archive.</summary>
    /// <param name="archive">The archive; read ahead only, and not disposed.</param>
    /// <param name="findPrevious">Finds the tree that it becomes a part of.</param>
    /// <param name="path">Where in that tree.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public Task<ImportResult> RunTarAsync(Stream archive, Func<ValueTask<Dirent?>> findPrevious, ReadOnlyMemory<byte> path, CancellationToken cancellationToken) =>
        RunAsync(findPrevious, (previous, options) => new Importer(store).ImportTarAsync(archive, previous, path, options, cancellationToken));

    async Task<ImportResult> RunAsync(Func<ValueTask<Dirent?>> findPrevious, Func<Dirent?, ImportOptions, ValueTask<ImportResult>> import)
    {
        var options = Options with
        {
            SkippedDirectories = [.. StoreFactory.FoldersOf(context.StoreSettings)],
            Counters = Counters,
            Clock = context.Surroundings.Clock,
            OnIssue = issue => context.Messages.Say(issue.ToString()),
        };
        await using (new ProgressDisplay(context.Surroundings, context.Messages, context.IsQuiet, "import", Look))
            return await import(await findPrevious(), options);
    }

    ProgressSnapshot Look()
    {
        var blocks = Counters.Blocks;
        return new ProgressSnapshot(
            Counters.BytesRead + Counters.UnchangedBytes, Counters.FilesRead + Counters.UnchangedFiles, NewBytes: blocks.NewBytes, KnownBytes: blocks.KnownBytes);
    }
}
