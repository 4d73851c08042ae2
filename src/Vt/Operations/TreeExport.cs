using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Commands;
using Vt.Output;
using Vt.Trees.Dirents;
using Vt.Trees.Export;

namespace Vt.Operations;

/// <summary>Restores a stored tree to the disk, under the eyes of who waits for it: what <c>vt export</c> and <c>get</c> of a session do.</summary>
/// <param name="context">The command.</param>
/// <param name="store">The store.</param>
sealed class TreeExport(CommandContext context, IBlockStore store)
{
    /// <summary>Whether what is there under the same names is replaced.</summary>
    public bool Overwrite { get; init; }

    /// <summary>Whether files are given to the stored user and group numbers, not names.</summary>
    public bool NumericOwner { get; init; }

    /// <summary>How far it is.</summary>
    public ExportCounters Counters { get; } = new();

    /// <summary>Restores.</summary>
    /// <param name="entry">What.</param>
    /// <param name="inodes">The inode table of the tree that it is in.</param>
    /// <param name="target">Where, an absolute path.</param>
    /// <param name="cancellationToken">Stops it; no file is left half under its own name.</param>
    public async Task<ExportResult> RunAsync(Dirent entry, BlockRef inodes, byte[] target, CancellationToken cancellationToken)
    {
        var options = new ExportOptions
        {
            Overwrite = Overwrite,
            NumericOwner = NumericOwner,
            Counters = Counters,
            OnIssue = issue => context.Messages.Say(issue.ToString()),
        };
        await using (new ProgressDisplay(
            context.Surroundings, context.Messages, context.IsQuiet, "export", () => new ProgressSnapshot(Counters.Bytes, Counters.Entries)))
        {
            return await new Exporter(store).ExportAsync(entry, inodes, target, options, cancellationToken);
        }
    }
}
