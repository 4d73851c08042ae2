using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Trees.Dirents;

namespace Vt.Trees.Directories;

/// <summary>
/// Takes the UUIDs out of a stored tree, so that it can stand beside the original in one tree: a UUID says that two places are one inode. Directories in
/// and below which there is none stay the blocks that they are.
/// </summary>
/// <remarks>
/// Costs reading the directories, and writing those that change. Memory is a page and an unfinished node a level for each directory on the way down to the
/// one that is looked at, however large they are; nothing is kept on the stack, however deep they lie. Not safe from several threads.
/// </remarks>
/// <param name="reader">Reads the tree.</param>
/// <param name="batch">Takes new nodes, children before parents. Not drained.</param>
public sealed class UuidStripper(DirectoryReader reader, TreeBatch batch)
{
    long _entries;
    long _length;
    long _holes;

    /// <summary>Makes the tree without UUIDs of one that may have some. Names, metadata and contents are the same.</summary>
    /// <param name="directory">A directory's content.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The tree; null where it has hard links, which are nothing without their UUIDs.</returns>
    /// <exception cref="BlockMissingException">A node is not in the store.</exception>
    /// <exception cref="FormatInvalidException">A block is not the node that it should be.</exception>
    public async ValueTask<StrippedTree?> StripAsync(BlockRef directory, CancellationToken cancellationToken = default)
    {
        (_entries, _length, _holes) = (0, 0, 0);
        var way = new Stack<OpenFolder>();
        way.Push(new OpenFolder(null, directory, reader, batch, cancellationToken));
        try
        {
            while (true)
            {
                var folder = way.Peek();
                if (await folder.NextAsync() is not { } entry)
                {
                    var root = await folder.CompleteAsync();
                    await way.Pop().DisposeAsync();
                    if (folder.Entry is null)
                        return new StrippedTree(root, _entries, _length, _holes);
                    await way.Peek().AddAsync(folder.Entry, root.Content);
                    continue;
                }

                if (entry.Kind == DirentKind.Indirect)
                    return null;
                Count(entry);
                if (entry.Kind == DirentKind.Directory && entry.Content.Span > 0)
                    way.Push(new OpenFolder(entry, entry.Content, reader, batch, cancellationToken));
                else
                    await folder.AddAsync(entry, entry.Content);
            }
        }
        finally
        {
            while (way.TryPop(out var folder))
                await folder.DisposeAsync();
        }
    }

    void Count(Dirent entry)
    {
        if (entry.Kind == DirentKind.Whiteout)
            return;
        _entries++;
        if (entry.Kind != DirentKind.File)
            return;

        // References of runs are as long as somebody cares to write.
        _length = entry.Size > long.MaxValue - _length ? long.MaxValue : _length + entry.Size;
        _holes = Math.Min(_length, _holes + (long)Math.Min(entry.Metadata.HoleSpan, (ulong)entry.Size));
    }

    /// <summary>A directory on the way: what was read of it, and what it becomes once that differs.</summary>
    sealed class OpenFolder(Dirent? entry, BlockRef content, DirectoryReader reader, TreeBatch batch, CancellationToken cancellationToken) : IAsyncDisposable
    {
        readonly IAsyncEnumerator<DirectoryPage> _pages = reader.ReadPagesAsync(content, cancellationToken: cancellationToken).GetAsyncEnumerator(cancellationToken);
        DirectoryPage? _page;
        DirectoryBuilder? _builder;
        int _next;
        long _added;

        /// <summary>The entry that leads here; null of the uppermost.</summary>
        public Dirent? Entry => entry;

        /// <summary>The next entry, as it is stored; null at the end.</summary>
        public async ValueTask<Dirent?> NextAsync()
        {
            if (_page is null || _next == _page.Value.Count)
            {
                if (!await _pages.MoveNextAsync())
                    return null;
                (_page, _next) = (_pages.Current, 0);
                await PrefetchAsync(_pages.Current);
            }

            return _page.Value.DirentAt(_next++);
        }

        /// <summary>Adds an entry: the one that came last, once it is known what its content becomes.</summary>
        public async ValueTask AddAsync(Dirent stored, BlockRef becomes)
        {
            if (_builder is null && (stored.Uuid is not null || becomes != stored.Content))
                await BeginAsync();
            if (_builder is not null)
                await _builder.AddAsync(stored with { Uuid = null, Content = becomes }, cancellationToken);
            _added++;
        }

        /// <summary>The directory that it becomes.</summary>
        public ValueTask<DirectoryRoot> CompleteAsync() =>
            _builder is null ? reader.GetRootAsync(content, cancellationToken: cancellationToken) : _builder.CompleteAsync(cancellationToken);

        public ValueTask DisposeAsync()
        {
            _builder?.Dispose();
            return _pages.DisposeAsync();
        }

        // The first that changes: those before it stay as they are.
        async ValueTask BeginAsync()
        {
            _builder = new DirectoryBuilder(batch);
            var left = _added;
            if (left == 0)
                return;
            await foreach (var before in reader.EnumerateAsync(content, cancellationToken: cancellationToken))
            {
                await _builder.AddAsync(before, cancellationToken);
                if (--left == 0)
                    return;
            }
        }

        // All that lie below one node are asked for at once.
        async ValueTask PrefetchAsync(DirectoryPage page)
        {
            var below = new List<BlockRef>();
            for (var i = 0; i < page.Count; i++)
            {
                if (page.KindAt(i) == DirentKind.Directory && page.DirentAt(i).Content is { Span: > 0 } folder)
                    below.Add(folder);
            }

            if (below.Count > 1)
                await reader.PrefetchAsync(below.ToArray(), cancellationToken);
        }
    }
}
