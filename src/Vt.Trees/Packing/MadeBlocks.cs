using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Trees.Packing;

/// <summary>A store with blocks on top that are in memory only: what is added stays here. Not to be added to once others read.</summary>
/// <param name="inner">The store below; not disposed.</param>
sealed class MadeBlocks(IBlockStore inner) : DelegatingStore(inner)
{
    readonly Dictionary<BlockHash, byte[]> _blocks = [];

    /// <summary>The blocks that were added, in that order.</summary>
    public List<PackedBlock> Added { get; } = [];

    /// <inheritdoc/>
    public override ValueTask<BlockLease> GetAsync(BlockHash hash, CancellationToken cancellationToken = default) =>
        _blocks.TryGetValue(hash, out var block) ? new(new BlockLease(block, null)) : Inner.GetAsync(hash, cancellationToken);

    /// <inheritdoc/>
    public override async ValueTask GetManyAsync(ReadOnlyMemory<BlockHash> hashes, Memory<BlockLease> blocks, CancellationToken cancellationToken = default)
    {
        if (_blocks.Count == 0)
        {
            await Inner.GetManyAsync(hashes, blocks, cancellationToken);
            return;
        }

        var got = 0;
        try
        {
            for (; got < hashes.Length; got++)
            {
                var lease = await GetAsync(hashes.Span[got], cancellationToken);
                blocks.Span[got] = lease;
            }
        }
        catch
        {
            foreach (var lease in blocks.Span[..got])
                lease.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override ValueTask<AddCounts> AddManyAsync(ReadOnlyMemory<byte> buffer, ReadOnlyMemory<BlockSlot> blocks, CancellationToken cancellationToken = default)
    {
        foreach (var slot in blocks.Span)
        {
            if (_blocks.TryAdd(slot.Hash, buffer.Slice(slot.Offset, slot.Length).ToArray()))
                Added.Add(new PackedBlock(slot.Hash, slot.Length, slot.Content));
        }

        return default;
    }
}
