using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Trees.Dirents;

namespace Vt.Trees.Directories;

/// <summary>
/// Makes nodes of items that come in ascending order: dirents, and whole nodes that are known to come out as they were.
/// Memory is one unfinished node a level, however large the directory.
/// </summary>
sealed class NodeAssembler(TreeBatch batch, DirectoryOrder order) : IDisposable
{
    readonly List<Level> _levels = [];
    readonly ByteWriter _node = new(16 << 10);

    /// <summary>Whether the last node that was handed out stems from <see cref="ReuseAsync"/>, and is the root.</summary>
    public bool RootIsReused { get; private set; }

    /// <summary>Adds a dirent.</summary>
    public ValueTask AddAsync(Dirent dirent, CancellationToken cancellationToken)
    {
        var level = LevelAt(0);
        if (order == DirectoryOrder.Names)
        {
            Accept(level, dirent.Name.Span);
        }
        else
        {
            Span<byte> uuid = stackalloc byte[16];
            if (dirent.Uuid is not { } value || !dirent.Name.IsEmpty)
                throw new ArgumentException("in an inode table a dirent has a UUID and no name", nameof(dirent));
            value.TryWriteBytes(uuid, bigEndian: true, out _);
            Accept(level, uuid);
        }

        dirent.Encode(level.Items);
        return CountAsync(level, dirent.Kind, cancellationToken);
    }

    /// <summary>Adds a dirent that is in binary form already, from another node of the same order.</summary>
    public ValueTask AddAsync(DirectoryNode leaf, int index, CancellationToken cancellationToken)
    {
        var level = LevelAt(0);
        Accept(level, leaf.KeySpanAt(index));
        level.Items.WriteBytes(leaf.FormAt(index));
        return CountAsync(level, leaf.KindAt(index), cancellationToken);
    }

    /// <summary>Whether a cut was just made on a level and all below: an old node that starts here comes out as it was.</summary>
    public bool IsAtEdge(int level)
    {
        for (var i = 0; i <= Math.Min(level, _levels.Count - 1); i++)
        {
            if (_levels[i].Count > 0)
                return false;
        }

        return true;
    }

    /// <summary>
    /// Adds a whole node where <see cref="IsAtEdge"/> allows it. It must end with a cut, or be the last of its level in the old
    /// tree with nothing to follow.
    /// </summary>
    public ValueTask ReuseAsync(NodeChild node, int level, CancellationToken cancellationToken)
    {
        LevelAt(level);
        return AddChildAsync(level + 1, node, reused: true, cancellationToken);
    }

    /// <summary>Ends the tree.</summary>
    public async ValueTask<DirectoryRoot> CompleteAsync(CancellationToken cancellationToken)
    {
        for (var i = 0; i < _levels.Count; i++)
        {
            var level = _levels[i];
            if (i == _levels.Count - 1 && level is { Received: 1, Only: { } root })
            {
                RootIsReused = level.OnlyIsReused;
                return new DirectoryRoot(root.Node, root.Entries, root.Subdirectories);
            }

            if (level.Count > 0)
                await EmitAsync(level, cancellationToken);
        }

        return default;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _node.Dispose();
        foreach (var level in _levels)
            level.Items.Dispose();
    }

    Level LevelAt(int index)
    {
        while (_levels.Count <= index)
            _levels.Add(new Level(_levels.Count));
        return _levels[index];
    }

    // Checks that the key comes after the last one, and takes its place.
    static void Accept(Level level, ReadOnlySpan<byte> key)
    {
        if (key.IsEmpty)
            throw new ArgumentException("an entry of a directory needs a name", nameof(key));
        if (level.Received > 0 && level.LastKey.SequenceCompareTo(key) >= 0)
            throw new ArgumentException("entries of a directory have to come in ascending order, each name once", nameof(key));
        level.SetLastKey(key);
    }

    ValueTask CountAsync(Level level, DirentKind kind, CancellationToken cancellationToken)
    {
        level.Count++;
        level.Received++;
        level.Entries++;
        if (kind == DirentKind.Directory)
            level.Subdirectories++;
        return NodeCuts.IsAfter(level.LastKey, level.Index, level.Count) ? EmitAsync(level, cancellationToken) : ValueTask.CompletedTask;
    }

    async ValueTask EmitAsync(Level level, CancellationToken cancellationToken)
    {
        _node.Clear();
        DirectoryNode.WriteHeader(_node, order, level.Index, level.Count, level.Entries, level.Subdirectories);
        _node.WriteBytes(level.Items.Written);
        var content = await batch.AddAsync(_node.WrittenMemory, cancellationToken);
        var child = new NodeChild(level.LastKey.ToArray(), content, level.Entries, level.Subdirectories);
        level.Clear();
        await AddChildAsync(level.Index + 1, child, reused: false, cancellationToken);
    }

    ValueTask AddChildAsync(int index, in NodeChild child, bool reused, CancellationToken cancellationToken)
    {
        if (index > DirectoryNode.HighestLevel)
            throw new FormatInvalidException($"a directory has more than {DirectoryNode.HighestLevel} levels");
        var level = LevelAt(index);
        Accept(level, child.LastKey.Span);
        DirectoryNode.WriteChild(level.Items, child);
        level.Count++;
        level.Received++;
        level.Entries += child.Entries;
        level.Subdirectories += child.Subdirectories;
        level.Only = level.Received == 1 ? child : null;
        level.OnlyIsReused = reused;
        return NodeCuts.IsAfter(level.LastKey, index, level.Count) ? EmitAsync(level, cancellationToken) : ValueTask.CompletedTask;
    }

    sealed class Level(int index)
    {
        readonly byte[] _lastKey = new byte[Dirent.LongestName];
        int _lastKeyLength;

        public int Index { get; } = index;

        public ByteWriter Items { get; } = new(16 << 10);

        /// <summary>How many items the unfinished node has.</summary>
        public int Count { get; set; }

        /// <summary>How many items ever came to this level.</summary>
        public long Received { get; set; }

        public long Entries { get; set; }

        public long Subdirectories { get; set; }

        /// <summary>The child, while only one came.</summary>
        public NodeChild? Only { get; set; }

        public bool OnlyIsReused { get; set; }

        public ReadOnlySpan<byte> LastKey => _lastKey.AsSpan(0, _lastKeyLength);

        public void SetLastKey(ReadOnlySpan<byte> key)
        {
            key.CopyTo(_lastKey);
            _lastKeyLength = key.Length;
        }

        public void Clear()
        {
            Items.Clear();
            Count = 0;
            Entries = 0;
            Subdirectories = 0;
        }
    }
}
