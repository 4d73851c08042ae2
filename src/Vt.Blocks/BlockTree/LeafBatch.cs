using System.Buffers;
using Vt.Blocks.Chunking;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Blocks.BlockTree;

/// <summary>
/// A buffer of content and the leaves that were cut from it, on their way into a store: hashed together, added together,
/// and then passed on in order. Each step takes what is new since it was last done. Not thread safe, but may be handed from
/// thread to thread.
/// </summary>
sealed class LeafBatch : IDisposable
{
    /// <summary>Half of what a small second-level cache holds, as the page cache's copy of the same bytes passes through it too.</summary>
    const int HashBytes = 256 << 10;

    byte[] _buffer;
    BlockRef[] _leaves = new BlockRef[64];
    Chunk[] _chunks = new Chunk[64];
    int[] _leafOfChunk = new int[64];
    BlockHash[] _hashes = new BlockHash[64];
    BlockSlot[] _slots = new BlockSlot[64];
    int _leafCount;
    int _chunkCount;
    int _hashed;
    int _stored;
    int _passedOn;

    public LeafBatch(int capacity)
    {
        _buffer = ArrayPool<byte>.Shared.Rent(capacity);
        Capacity = capacity;
    }

    /// <summary>How many bytes fit.</summary>
    public int Capacity { get; }

    /// <summary>How many bytes of content are in the buffer, from its start.</summary>
    public int Filled { get; set; }

    /// <summary>The buffer's bytes; those from <see cref="Filled"/> on are free.</summary>
    public Memory<byte> Memory => _buffer.AsMemory(0, Capacity);

    /// <summary>How many leaves there are.</summary>
    public int LeafCount => _leafCount;

    /// <summary>Whether the buffer's bytes are part of a block.</summary>
    public bool HasChunks => _chunkCount > 0;

    /// <summary>The next leaf, whose bytes need no block.</summary>
    public void Add(in BlockRef leaf)
    {
        if (_leafCount == _leaves.Length)
            Array.Resize(ref _leaves, _leafCount * 2);
        _leaves[_leafCount++] = leaf;
    }

    /// <summary>The next leaf: a range of the buffer that becomes a block, or a literal where it is short.</summary>
    public void AddChunk(int offset, int length)
    {
        if (length <= BlockRef.LongestLiteral)
        {
            Add(BlockRef.Literal(_buffer.AsSpan(offset, length)));
            return;
        }

        if (_chunkCount == _chunks.Length)
        {
            Array.Resize(ref _chunks, _chunkCount * 2);
            Array.Resize(ref _leafOfChunk, _chunkCount * 2);
            Array.Resize(ref _hashes, _chunkCount * 2);
            Array.Resize(ref _slots, _chunkCount * 2);
        }

        _chunks[_chunkCount] = new Chunk(offset, length);
        _leafOfChunk[_chunkCount++] = _leafCount;
        Add(default);
    }

    /// <summary>
    /// Names the blocks that there are, once they are many enough to fill the hasher's lanes, and before their bytes have left the cache next to the
    /// processor.
    /// </summary>
    public void HashInCache(BlockHasher hasher)
    {
        if (_chunkCount == 0)
            return;
        var first = _hashed == _chunkCount ? Filled : _chunks[_hashed].Offset;
        if (Filled - first >= HashBytes)
            Hash(hasher);
    }

    /// <summary>Names the blocks.</summary>
    public void Hash(BlockHasher hasher)
    {
        if (_hashed == _chunkCount)
            return;
        hasher.HashMany(_buffer, _chunks.AsSpan(_hashed, _chunkCount - _hashed), _hashes.AsSpan(_hashed));
        for (; _hashed < _chunkCount; _hashed++)
        {
            var chunk = _chunks[_hashed];
            _slots[_hashed] = new BlockSlot(_hashes[_hashed], chunk.Offset, chunk.Length);
            _leaves[_leafOfChunk[_hashed]] = BlockRef.Direct(_hashes[_hashed], chunk.Length);
        }
    }

    /// <summary>Stores the blocks that have names.</summary>
    public async ValueTask<AddCounts> StoreAsync(IBlockStore store, CancellationToken cancellationToken)
    {
        if (_stored == _hashed)
            return default;
        var slots = _slots.AsMemory(_stored, _hashed - _stored);
        var counts = await store.AddManyAsync(_buffer.AsMemory(0, Filled), slots, cancellationToken);
        _stored = _hashed;
        return counts;
    }

    /// <summary>Gives the leaves, all of which must have names, to the tree.</summary>
    public void PassOn(NodeAssembler assembler) => PassOn(assembler, _leafCount);

    /// <summary>Gives the leaves before the one of number <paramref name="end"/> to the tree.</summary>
    public void PassOn(NodeAssembler assembler, int end)
    {
        for (; _passedOn < end; _passedOn++)
            assembler.Append(_leaves[_passedOn]);
    }

    /// <summary>Empties the batch, keeping its memory.</summary>
    public void Clear()
    {
        Array.Clear(_leaves, 0, _leafCount);
        Filled = _leafCount = _chunkCount = _hashed = _stored = _passedOn = 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        var buffer = _buffer;
        _buffer = [];
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
    }
}
