using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Blocks.Hashing;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;

namespace Vt.Trees.Packing;

/// <summary>
/// Every block that a stored folder is made of, each once: the folder's dirent, then directories and whatever else leads to data, then data. Found from
/// metadata and indirect blocks alone.
/// </summary>
/// <remarks>
/// A folder that is not a whole tree shares the tree's inode table; it gets one of its own, with the inodes that have names in it, so that what leads out of it
/// is not taken along. Memory: some 150 bytes a block.
/// </remarks>
public sealed class TreeBlocks
{
    readonly DirectoryReader _directories;
    readonly MadeBlocks _made;
    readonly NodeCache _nodes = new();
    readonly int _most;
    readonly HashSet<BlockHash> _seen = [];
    readonly List<PackedBlock> _trees = [];
    readonly List<PackedBlock> _data = [];
    readonly SortedSet<Guid> _inodes = new(Comparer<Guid>.Create(static (a, b) => a.ToByteArray(bigEndian: true).AsSpan().SequenceCompareTo(b.ToByteArray(bigEndian: true))));
    readonly Stack<BlockRef> _folders = new();

    TreeBlocks(DirectoryReader directories, MadeBlocks made, int most)
    {
        _directories = directories;
        _made = made;
        _most = most;
    }

    /// <summary>The folder, whose dirent is the first block.</summary>
    public Dirent Root { get; private set; } = null!;

    /// <summary>The blocks in their order.</summary>
    public IReadOnlyList<PackedBlock> Blocks { get; private set; } = [];

    /// <summary>Has all of them.</summary>
    public IBlockStore Store => _made;

    /// <summary>Finds a folder's blocks.</summary>
    /// <param name="directories">Reads the tree.</param>
    /// <param name="folder">The folder, with the inode table of its tree.</param>
    /// <param name="most">How many blocks there may be.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="UserErrorException">This is no folder, or there are more blocks.</exception>
    /// <exception cref="BlockMissingException">A block of metadata is not in the store.</exception>
    public static async ValueTask<TreeBlocks> FindAsync(DirectoryReader directories, Dirent folder, int most, CancellationToken cancellationToken = default)
    {
        if (folder.Kind != DirentKind.Directory)
            throw new UserErrorException("only a folder can be archived");
        var found = new TreeBlocks(directories, new MadeBlocks(directories.Store), most);
        var root = folder with { Name = default, Inodes = BlockRef.Empty };
        await found.AddAsync(root, cancellationToken);
        await found.AddFoldersAsync(cancellationToken);
        root = root with { Inodes = await found.AddInodesAsync(folder.Inodes, cancellationToken) };
        using var form = new ByteWriter();
        root.Encode(form);
        var first = new PackedBlock(directories.Store.Hasher.Hash(form.Written), form.Length, BlockContent.Tree);
        var inMemory = found._made.Added.ToArray();
        await found._made.AddManyAsync(form.WrittenMemory, new[] { new BlockSlot(first.Hash, 0, first.Length, first.Content) }, cancellationToken);
        found.Root = root;
        found.Blocks = [first, .. inMemory, .. found._trees, .. found._data];
        return found;
    }

    async ValueTask AddFoldersAsync(CancellationToken cancellationToken)
    {
        while (_folders.TryPop(out var folder))
            await AddDirectoryAsync(folder, DirectoryOrder.Names, cancellationToken);
    }

    async ValueTask AddDirectoryAsync(BlockRef content, DirectoryOrder order, CancellationToken cancellationToken)
    {
        if (content.Span == 0 || !TryAdd(_trees, content.Hash, content.Span, BlockContent.Tree))
            return;
        var open = new Stack<(DirectoryNode Node, int Next)>();
        open.Push((await _directories.Loader.LoadRootAsync(content, order, cancellationToken), 0));
        while (open.TryPop(out var top))
        {
            if (top.Node.Level == 0)
            {
                for (var i = 0; i < top.Node.Count; i++)
                    await AddAsync(top.Node.DirentAt(i), cancellationToken);
            }
            else if (top.Next < top.Node.Count)
            {
                open.Push((top.Node, top.Next + 1));
                var child = top.Node.ChildAt(top.Next).Node;
                if (TryAdd(_trees, child.Hash, child.Span, BlockContent.Tree))
                    open.Push((await _directories.Loader.LoadChildAsync(top.Node, top.Next, cancellationToken), 0));
            }
        }
    }

    async ValueTask AddAsync(Dirent entry, CancellationToken cancellationToken)
    {
        if (entry.Metadata.Xattrs is { IsStored: true, Stored: var stored })
            TryAdd(_trees, stored.Hash, stored.Span, BlockContent.Tree);
        if (entry.Previous is { Span: > 0, HasHash: true } previous && TryAdd(_trees, previous.Hash, previous.Span, BlockContent.Tree))
            await AddAsync(await StoredDirents.LoadAsync(previous, _directories.Store, cancellationToken), cancellationToken);
        if (entry.Kind == DirentKind.Indirect)
            _inodes.Add(entry.Uuid ?? throw new FormatInvalidException($"hard link {entry} names no inode"));
        else if (entry.Kind == DirentKind.Directory)
            _folders.Push(entry.Content);
        else
            await AddContentAsync(entry.Content, cancellationToken);
    }

    async ValueTask AddContentAsync(BlockRef content, CancellationToken cancellationToken)
    {
        if (content.Kind == BlockRefKind.Slice)
            content = content.SliceOf;
        if (content.Kind == BlockRefKind.Direct)
            TryAdd(_data, content.Hash, content.Span, BlockContent.Data);
        if (content.Kind != BlockRefKind.Indirect)
            return;
        var node = await _nodes.GetAsync(_directories.Store, content, cancellationToken);
        if (!TryAdd(_trees, content.Hash, node.EncodedLength, BlockContent.Tree))
            return;
        for (var i = 0; i < node.Count; i++)
            await AddContentAsync(node.Children[i], cancellationToken);
    }

    // The inodes of links within the folder: all of the table, or a table of their own.
    async ValueTask<BlockRef> AddInodesAsync(BlockRef table, CancellationToken cancellationToken)
    {
        if (_inodes.Count == 0)
            return BlockRef.Empty;
        if ((await _directories.GetRootAsync(table, DirectoryOrder.Uuids, cancellationToken)).Entries == _inodes.Count)
        {
            await AddDirectoryAsync(table, DirectoryOrder.Uuids, cancellationToken);
            return table;
        }

        using var batch = new TreeBatch(_made);
        using var builder = new DirectoryBuilder(batch, DirectoryOrder.Uuids);
        foreach (var uuid in _inodes)
        {
            var inode = await _directories.LookupInodeAsync(table, uuid, cancellationToken) ?? throw new FormatInvalidException($"a hard link names inode {uuid}, which the table hasn't");
            await AddAsync(inode, cancellationToken);
            await builder.AddAsync(inode, cancellationToken);
        }

        var own = await builder.CompleteAsync(cancellationToken);
        await batch.DrainAsync(cancellationToken);
        return own.Content;
    }

    bool TryAdd(List<PackedBlock> to, in BlockHash hash, long length, BlockContent content)
    {
        if (!_seen.Add(hash))
            return false;
        if (_seen.Count > _most)
            throw new UserErrorException($"the folder is made of more than {_most} blocks, which one store file does not hold; archive what is in it");
        to.Add(new PackedBlock(hash, checked((int)length), content));
        return true;
    }
}
