using System.Globalization;
using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Output;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;

namespace Vt.Operations;

/// <summary>Of which blocks content is made: counted by a walk that reads its indirect blocks, or the nodes of a directory, and no data.</summary>
sealed class ContentStructure
{
    long _indirect;
    long _bytes;
    long _smallest = long.MaxValue;
    long _largest;
    long _blocks;
    int _levels;

    /// <summary>Shows how an entry's content is stored.</summary>
    /// <param name="output">Where.</param>
    /// <param name="directories">Reads the store.</param>
    /// <param name="entry">The entry; of a hard link the inode.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async Task PrintAsync(ResultWriter output, DirectoryReader directories, Dirent entry, CancellationToken cancellationToken)
    {
        var content = entry.Content;
        if (content.Kind == BlockRefKind.Literal)
        {
            EntryReport.Row(output, "Blocks", content.Span == 0 ? "none: it is empty" : "none: it lies in the entry itself");
        }
        else if (content.Kind == BlockRefKind.Run)
        {
            EntryReport.Row(output, "Blocks", "none: it is one byte repeated");
        }
        else if (entry.Kind == DirentKind.Directory)
        {
            var leaves = 0L;
            await foreach (var _ in directories.ReadPagesAsync(content, cancellationToken: cancellationToken))
                leaves++;
            EntryReport.Row(output, "Blocks", $"a search tree with {Count(leaves)} {(leaves == 1 ? "leaf" : "leaves")}, whose top node has {Count(content.Span)} bytes");
        }
        else
        {
            var structure = new ContentStructure();
            await structure.WalkAsync(directories.Store, content, cancellationToken);
            structure.Print(output, content);
        }
    }

    async Task WalkAsync(IBlockStore store, BlockRef content, CancellationToken cancellationToken)
    {
        await foreach (var walked in new BlockTreeWalker(store).WalkAsync(content, cancellationToken))
        {
            if (walked.Reference.Kind == BlockRefKind.Indirect)
            {
                _indirect++;
                _levels = Math.Max(_levels, walked.Reference.Level);
                continue;
            }

            var span = walked.Reference.Span;
            (_blocks, _bytes, _smallest, _largest) = (_blocks + 1, _bytes + span, Math.Min(_smallest, span), Math.Max(_largest, span));
        }
    }

    void Print(ResultWriter output, BlockRef content)
    {
        EntryReport.Row(output, "Blocks", $"{Count(_blocks)} of data with {Count(_bytes)} bytes, {Count(_indirect)} of references on {_levels} {(_levels == 1 ? "level" : "levels")} above");
        if (_blocks > 0)
            EntryReport.Row(output, "Cuts", $"{Count(_smallest)} to {Count(_largest)} bytes apart, {Count(_bytes / _blocks)} on average");
        if (content.Span > _bytes)
            EntryReport.Row(output, "Repeated", $"{Count(content.Span - _bytes)} bytes, holes among them, are in no block");
    }

    static string Count(long number) => number.ToString(CultureInfo.InvariantCulture);
}
