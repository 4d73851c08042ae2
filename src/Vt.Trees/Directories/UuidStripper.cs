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
/// <param name="rename">Gives each name of a hard-linked inode another inode's UUID, for a tree with an inode table of its own; null where such trees are refused.</param>
public sealed class UuidStripper(DirectoryReader reader, TreeBatch batch, Func<Guid, CancellationToken, ValueTask<Guid>>? rename = null)
{
    long _entries;
    long _length;
    long _holes;

    /// <summary>Makes the tree without UUIDs of one that may have some. Names, metadata and contents are the same.</summary>
    /// <param name="directory">A directory's content.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The tree; null where it has hard links, which are nothing without their UUIDs, and these are not renamed.</returns>
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
                if (!await folder.MoveNextAsync())
                {
                    var root = await folder.CompleteAsync();
                    await way.Pop().DisposeAsync();
                    if (folder.Entry is null)
                        return new StrippedTree(root, _entries, _length, _holes);
                    await way.Peek().AddAsync(folder.Entry, root.Content);
                    continue;
                }

                if (folder.Kind == DirentKind.Indirect)
                {
                    if (rename is null)
                        return null;
                    var link = folder.Current;
                    var inode = link.Uuid ?? throw new FormatInvalidException($"hard link {link} names no inode");
                    await folder.AddLinkAsync(link with { Uuid = await rename(inode, cancellationToken) });
                    _entries++;
                    continue;
                }

                Count(folder.Kind, folder.Outline);
                if (folder.Kind == DirentKind.Directory && folder.Outline.Size > 0)
                    way.Push(new OpenFolder(folder.Current, folder.Current.Content, reader, batch, cancellationToken));
                else if (!folder.TryPass())
                    await folder.AddAsync(folder.Current, folder.Current.Content);
            }
        }
        finally
        {
            while (way.TryPop(out var folder))
                await folder.DisposeAsync();
        }
    }

    void Count(DirentKind kind, DirentOutline entry)
    {
        if (kind == DirentKind.Whiteout)
            return;
        _entries++;
        if (kind != DirentKind.File)
            return;

        // References of runs are as long as somebody cares to write.
        _length = entry.Size > long.MaxValue - _length ? long.MaxValue : _length + entry.Size;
        _holes = Math.Min(_length, _holes + (long)Math.Min(entry.HoleSpan, (ulong)entry.Size));
    }

    /// <summary>A directory on the way: what was read of it, and what it becomes once that differs.</summary>
    sealed class OpenFolder(Dirent? entry, BlockRef content, DirectoryReader reader, TreeBatch batch, CancellationToken cancellationToken) : IAsyncDisposable
    {
        readonly IAsyncEnumerator<DirectoryPage> _pages = reader.ReadPagesAsync(content, cancellationToken: cancellationToken).GetAsyncEnumerator(cancellationToken);
        DirectoryPage _page;
        DirectoryBuilder? _builder;
        int _index = -1;
        int _count;
        long _added;

        /// <summary>The entry that leads here; null of the uppermost.</summary>
        public Dirent? Entry => entry;

        /// <summary>The kind of the entry that came last.</summary>
        public DirentKind Kind { get; private set; }

        /// <summary>The little that is wanted of it where it does not change.</summary>
        public DirentOutline Outline { get; private set; }

        /// <summary>All of it, as it is stored; decoded anew each time.</summary>
        public Dirent Current => _page.DirentAt(_index);

        /// <summary>Goes to the next entry; false at the end.</summary>
        public ValueTask<bool> MoveNextAsync() => ++_index < _count ? new(Look()) : MoveOnAsync();

        /// <summary>Adds the entry that came last, where it and all before it stay as they are.</summary>
        public bool TryPass()
        {
            if (_builder is not null || Outline.HasUuid)
                return false;
            _added++;
            return true;
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

        /// <summary>Adds a name of another inode.</summary>
        public async ValueTask AddLinkAsync(Dirent link)
        {
            if (_builder is null)
                await BeginAsync();
            await _builder!.AddAsync(link, cancellationToken);
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

        bool Look()
        {
            (Kind, Outline) = (_page.KindAt(_index), _page.OutlineAt(_index));
            return true;
        }

        async ValueTask<bool> MoveOnAsync()
        {
            if (!await _pages.MoveNextAsync())
                return false;
            _page = _pages.Current;
            (_index, _count) = (0, _page.Count);
            await PrefetchAsync();
            return Look();
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
        async ValueTask PrefetchAsync()
        {
            var below = new List<BlockRef>();
            for (var i = 0; i < _count; i++)
            {
                if (_page.KindAt(i) == DirentKind.Directory && _page.DirentAt(i).Content is { Span: > 0 } folder)
                    below.Add(folder);
            }

            if (below.Count > 1)
                await reader.PrefetchAsync(below.ToArray(), cancellationToken);
        }
    }
}
