using System.Runtime.CompilerServices;
using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;

namespace Vt.Trees.Diff;

/// <summary>
/// What a comparison knows of hard links: resolves them, and, while there are changed inodes whose names were not all met,
/// also goes through directories that are equal. One comparison's; not safe from several threads.
/// </summary>
sealed class LinkSearch
{
    readonly DirectoryReader _reader;
    readonly BlockRef _before;
    readonly BlockRef _after;

    // How many names of each changed inode are still to be met in the second tree.
    readonly Dictionary<Guid, long> _wanted = [];

    LinkSearch(DirectoryReader reader, BlockRef before, BlockRef after)
    {
        _reader = reader;
        _before = before;
        _after = after;
    }

    /// <summary>Starts with the inodes that both tables have and that differ.</summary>
    public static async ValueTask<LinkSearch> StartAsync(
        DirectoryReader reader, BlockRef before, BlockRef after, Func<Dirent, Dirent, ChangedParts> parts, CancellationToken cancellationToken)
    {
        var search = new LinkSearch(reader, before, after);
        await foreach (var inode in DirectoryDiff.CompareAsync(reader, before, after, DirectoryOrder.Uuids, cancellationToken))
        {
            if (inode is { Before: { } old, After: { Uuid: { } uuid } current } && parts(old, current) != ChangedParts.None)
                search._wanted.Add(uuid, current.Metadata.LinkCount == 0 ? long.MaxValue : current.Metadata.LinkCount);
        }

        return search;
    }

    /// <summary>Puts inodes, under their links' names, in the place of hard links.</summary>
    public async ValueTask<DirectoryDifference> ResolveAsync(DirectoryDifference pair, CancellationToken cancellationToken)
    {
        if (pair.After is { Kind: DirentKind.Indirect, Uuid: { } uuid } && _wanted.TryGetValue(uuid, out var names))
        {
            if (names > 1)
                _wanted[uuid] = names - 1;
            else
                _wanted.Remove(uuid);
        }

        return new DirectoryDifference(
            await ResolveAsync(pair.Before, _before, cancellationToken),
            await ResolveAsync(pair.After, _after, cancellationToken));
    }

    /// <summary>The entries to go through below a pair of entries; null where there is nothing to be found.</summary>
    public IAsyncEnumerator<DirectoryDifference>? DescendAsync(in DirectoryDifference pair, CancellationToken cancellationToken)
    {
        var before = DirectoryContent(pair.Before);
        var after = DirectoryContent(pair.After);
        if (before != after)
        {
            var entries = _wanted.Count == 0 || after.Span == 0
                ? DirectoryDiff.CompareAsync(_reader, before, after, cancellationToken: cancellationToken)
                : MergeAsync(before, after, cancellationToken);
            return entries.GetAsyncEnumerator(cancellationToken);
        }

        return _wanted.Count == 0 || after.Span == 0 ? null : SearchAsync(after, cancellationToken).GetAsyncEnumerator(cancellationToken);
    }

    static BlockRef DirectoryContent(Dirent? entry) => entry is { Kind: DirentKind.Directory } ? entry.Content : BlockRef.Empty;

    async ValueTask<Dirent?> ResolveAsync(Dirent? entry, BlockRef inodes, CancellationToken cancellationToken)
    {
        if (entry is not { Kind: DirentKind.Indirect })
            return entry;
        if (entry.Uuid is not { } uuid)
            throw new FormatInvalidException($"hard link {entry} names no inode");
        var inode = await _reader.LookupInodeAsync(inodes, uuid, cancellationToken)
            ?? throw new FormatInvalidException($"hard link {entry} names an inode that the table hasn't");
        return inode with { Name = entry.Name };
    }

    // The entries of a directory that both trees have which may be, or hold, a name that is wanted.
    async IAsyncEnumerable<DirectoryDifference> SearchAsync(BlockRef directory, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var page in _reader.ReadPagesAsync(directory, cancellationToken: cancellationToken))
        {
            for (var i = 0; i < page.Count; i++)
            {
                if (page.KindAt(i) is not (DirentKind.Indirect or DirentKind.Directory) || _wanted.Count == 0)
                    continue;
                var entry = page.DirentAt(i);
                if (entry.Kind == DirentKind.Directory || (entry.Uuid is { } uuid && _wanted.ContainsKey(uuid)))
                    yield return new DirectoryDifference(entry, entry);
            }
        }
    }

    // The entries that differ, and in their order the equal ones that SearchAsync would give.
    async IAsyncEnumerable<DirectoryDifference> MergeAsync(
        BlockRef before, BlockRef after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var differing = DirectoryDiff.CompareAsync(_reader, before, after, cancellationToken: cancellationToken).GetAsyncEnumerator(cancellationToken);
        var more = await differing.MoveNextAsync();
        await foreach (var entry in SearchAsync(after, cancellationToken))
        {
            for (; more && NameOf(differing.Current).SequenceCompareTo(entry.After!.Name.Span) < 0; more = await differing.MoveNextAsync())
                yield return differing.Current;
            if (!more || !NameOf(differing.Current).SequenceEqual(entry.After!.Name.Span))
                yield return entry;
        }

        for (; more; more = await differing.MoveNextAsync())
            yield return differing.Current;
    }

    static ReadOnlySpan<byte> NameOf(in DirectoryDifference pair) => (pair.Before ?? pair.After!).Name.Span;
}
