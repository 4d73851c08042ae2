using System.Runtime.CompilerServices;
using Vt.Blocks.Contracts;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;

namespace Vt.Trees.Diff;

/// <summary>
/// Compares two trees. Only directories that differ are read, and of those only the nodes that differ, so the cost follows
/// the difference.
/// </summary>
/// <remarks>
/// A hard-linked inode that changed is reported under every path that names it, and nothing in the directories tells where
/// those are. So if there is one, directories that are equal are searched too, until as many names of it have been met as its
/// link count says.
/// </remarks>
public sealed class TreeDiff
{
    readonly DirectoryReader _reader;
    readonly TreeDiffOptions _options;

    /// <summary>Compares trees of a store.</summary>
    public TreeDiff(DirectoryReader reader, TreeDiffOptions? options = null)
    {
        _reader = reader;
        _options = options ?? TreeDiffOptions.Default;
    }

    /// <summary>Every path that differs: a directory before what it holds, names in order of their bytes.</summary>
    /// <param name="before">The first tree's root; a tree may also be a single file.</param>
    /// <param name="after">The second tree's root.</param>
    /// <param name="cancellationToken">Stops the comparison.</param>
    /// <exception cref="FormatInvalidException">A hard link's inode is not in its table, or a node is damaged.</exception>
    public async IAsyncEnumerable<TreeChange> CompareAsync(
        Dirent before, Dirent after, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var links = await LinkSearch.StartAsync(_reader, before.Inodes, after.Inodes, Reported, cancellationToken);
        var open = new Stack<Level>();
        try
        {
            var pair = new DirectoryDifference(before, after);
            var path = ReadOnlyMemory<byte>.Empty;
            while (true)
            {
                pair = await links.ResolveAsync(pair, cancellationToken);
                if (ChangeOf(path, pair) is { } change)
                    yield return change;
                if (links.DescendAsync(pair, cancellationToken) is { } entries)
                    open.Push(new Level(path, entries));
                while (open.TryPeek(out var level) && !await level.Entries.MoveNextAsync())
                    await open.Pop().Entries.DisposeAsync();
                if (!open.TryPeek(out var current))
                    break;
                pair = current.Entries.Current;
                path = Join(current.Path.Span, (pair.Before ?? pair.After!).Name.Span);
            }
        }
        finally
        {
            while (open.TryPop(out var level))
                await level.Entries.DisposeAsync();
        }
    }

    /// <summary>In what two inodes differ.</summary>
    public static ChangedParts PartsOf(Dirent before, Dirent after)
    {
        if (before.Equals(after))
            return ChangedParts.None;
        var parts = ChangedParts.None;
        if (before.Kind != after.Kind)
            parts |= ChangedParts.Kind;
        if (before.Content != after.Content && !(before.Kind == DirentKind.Directory && after.Kind == DirentKind.Directory))
            parts |= ChangedParts.Content;
        if (!before.Metadata.EqualsButForBookkeeping(after.Metadata))
            parts |= ChangedParts.Metadata;
        if (before.Uuid != after.Uuid || !before.Metadata.Equals(after.Metadata))
            parts |= ChangedParts.Bookkeeping;
        return (parts & ChangedParts.Metadata) != 0 ? parts & ~ChangedParts.Bookkeeping : parts;
    }

    ChangedParts Reported(Dirent before, Dirent after)
    {
        var parts = PartsOf(before, after);
        return parts == ChangedParts.Bookkeeping && !_options.ReportBookkeeping ? ChangedParts.None : parts;
    }

    TreeChange? ChangeOf(ReadOnlyMemory<byte> path, in DirectoryDifference pair)
    {
        if (pair.Before is not { } before)
            return new TreeChange(path, TreeChangeKind.Added, ChangedParts.None, null, pair.After);
        if (pair.After is not { } after)
            return new TreeChange(path, TreeChangeKind.Removed, ChangedParts.None, before, null);
        var parts = Reported(before, after);
        return parts == ChangedParts.None ? null : new TreeChange(path, TreeChangeKind.Modified, parts, before, after);
    }

    static byte[] Join(ReadOnlySpan<byte> path, ReadOnlySpan<byte> name) => path.IsEmpty ? name.ToArray() : [.. path, (byte)'/', .. name];

    readonly record struct Level(ReadOnlyMemory<byte> Path, IAsyncEnumerator<DirectoryDifference> Entries);
}
