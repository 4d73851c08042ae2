using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Trees.Diff.Text;
using Vt.Trees.Dirents;

namespace Vt.Trees.Diff;

/// <summary>
/// Compares the contents of what differs between two trees. A text is what has no byte 0 among its first 8000, as for git. What is no text, and texts of more than
/// <see cref="LongestText"/> bytes or <see cref="MostLines"/> lines, are compared by the blocks that they share. Safe from any thread.
/// </summary>
/// <param name="store">Where the blocks are.</param>
public sealed class ContentDiff(IBlockStore store)
{
    /// <summary>The longest text that is compared by lines, in bytes.</summary>
    public const int LongestText = 16 << 20;

    /// <summary>The most lines of a text that is compared by them.</summary>
    public const int MostLines = 1 << 20;

    const int Beginning = 8000;

    readonly UnsharedContent _unshared = new(store);

    /// <summary>Compares the contents of a path.</summary>
    /// <param name="change">The path and its entries; what has no content in a tree, as directories and devices, counts as empty.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<ContentChange> CompareAsync(TreeChange change, CancellationToken cancellationToken = default)
    {
        var (before, after) = (ContentOf(change.Before), ContentOf(change.After));
        if (await TryReadTextAsync(before, cancellationToken) is { } old && await TryReadTextAsync(after, cancellationToken) is { } current)
        {
            var text = new TextDiff(old, current);
            return new ContentChange(change, text, text.BytesRemoved, text.BytesAdded);
        }

        var (removed, added) = await _unshared.CompareAsync(before, after, cancellationToken);
        return new ContentChange(change, null, removed, added);
    }

    /// <summary>Whether an entry has content that can be compared: a file's, or a symbolic link's target.</summary>
    public static bool HasContent(Dirent? entry) => entry is { Kind: DirentKind.File or DirentKind.Symlink };

    static BlockRef ContentOf(Dirent? entry) => HasContent(entry) ? entry!.Content : BlockRef.Empty;

    async ValueTask<byte[]?> TryReadTextAsync(BlockRef content, CancellationToken cancellationToken)
    {
        if (content.Span > LongestText)
            return null;
        var reader = new BlockTreeReader(store, content);
        var beginning = new byte[Math.Min(content.Span, Beginning)];
        await reader.ReadAsync(0, beginning, cancellationToken);
        if (beginning.AsSpan().Contains((byte)0))
            return null;
        var text = new byte[content.Span];
        await reader.ReadAsync(0, text, cancellationToken);
        return text.AsSpan().Count((byte)'\n') < MostLines ? text : null;
    }
}
