using System.Buffers;
using Vt.Blocks.BlockTree;
using Vt.Blocks.Chunking;
using Vt.Blocks.Contracts;

namespace Vt.Trees.Directories;

/// <summary>
/// Collects tree blocks on their way to a store, so that neighbours go there together and share a compressed frame. Blocks
/// reach the store in the order in which they were added: children before parents, if they are added so. Safe from any thread.
/// </summary>
/// <remarks>
/// What was added can be read from the store after <see cref="DrainAsync"/> only, and is durable after the store's flush. When
/// a write fails, that batch is lost, and since parents may follow it, everything after it is refused.
/// </remarks>
public sealed class TreeBatch : IDisposable
{
    /// <summary>How many bytes are collected unless it is told otherwise: 512 KiB.</summary>
    public const int DefaultBytes = 512 << 10;

    readonly SemaphoreSlim _turn = new(1, 1);
    readonly int _bytes;
    readonly List<BlockSlot> _slots = [];
    byte[] _buffer;
    int _length;
    bool _failed;
    AddCounts _counts;

    /// <summary>Collects for a store.</summary>
    /// <param name="store">The store; not disposed.</param>
    /// <param name="bytes">How many bytes go to it at once.</param>
    public TreeBatch(IBlockStore store, int bytes = DefaultBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, 64 << 20);
        Store = store;
        _bytes = bytes;
        _buffer = ArrayPool<byte>.Shared.Rent(bytes);
    }

    /// <summary>The store that the blocks go to.</summary>
    public IBlockStore Store { get; }

    /// <summary>What became of the blocks that went to the store so far.</summary>
    public AddCounts Counts => _counts;

    /// <summary>Adds a block.</summary>
    /// <param name="block">Its bytes, 1 to <see cref="ChunkingParameters.LargestBlock"/>; copied.</param>
    /// <param name="cancellationToken">Gives up; the batch refuses further blocks then.</param>
    /// <returns>The reference of the block as content.</returns>
    public async ValueTask<BlockRef> AddAsync(ReadOnlyMemory<byte> block, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfZero(block.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(block.Length, ChunkingParameters.LargestBlock);
        var hash = Store.Hasher.Hash(block.Span);
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_length > 0 && block.Length > _bytes - _length)
                await WriteAsync(cancellationToken);
            if (block.Length > _buffer.Length)
            {
                ArrayPool<byte>.Shared.Return(_buffer);
                _buffer = ArrayPool<byte>.Shared.Rent(block.Length);
            }

            block.CopyTo(_buffer.AsMemory(_length));
            _slots.Add(new BlockSlot(hash, _length, block.Length, BlockContent.Tree));
            _length += block.Length;
        }
        finally
        {
            _turn.Release();
        }

        return BlockRef.Direct(hash, block.Length);
    }

    /// <summary>Hands all that was collected to the store. Does not flush the store.</summary>
    public async ValueTask DrainAsync(CancellationToken cancellationToken = default)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            await WriteAsync(cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Gives the buffer back; what was not drained is dropped.</summary>
    public void Dispose()
    {
        var buffer = _buffer;
        _buffer = [];
        _length = 0;
        _slots.Clear();
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
        _turn.Dispose();
    }

    async ValueTask WriteAsync(CancellationToken cancellationToken)
    {
        if (_failed)
            throw new InvalidOperationException("an earlier write of tree blocks failed");
        if (_slots.Count == 0)
            return;
        _failed = true;
        _counts += await Store.AddManyAsync(_buffer.AsMemory(0, _length), _slots.ToArray(), cancellationToken);
        _failed = false;
        _slots.Clear();
        _length = 0;
    }
}
