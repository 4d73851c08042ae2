using Vt.Blocks.Chunking;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Trees.Check;

/// <summary>Reads from another store and checks each block against its name, whether or not that store did: a check trusts nobody.</summary>
/// <param name="inner">The other store; not disposed.</param>
sealed class CheckingStore(IBlockStore inner) : IBlockStore
{
    public string Description => inner.Description;

    public BlockHasher Hasher => inner.Hasher;

    public ChunkingParameters Chunking => inner.Chunking;

    public bool IsComplete => inner.IsComplete;

    public ValueTask ContainsManyAsync(ReadOnlyMemory<BlockHash> hashes, Memory<bool> present, CancellationToken cancellationToken = default) =>
        inner.ContainsManyAsync(hashes, present, cancellationToken);

    public async ValueTask<BlockLease> GetAsync(BlockHash hash, CancellationToken cancellationToken = default)
    {
        var lease = await inner.GetAsync(hash, cancellationToken);
        try
        {
            Check(hash, lease);
        }
        catch (BlockCorruptException)
        {
            lease.Dispose();
            throw;
        }

        return lease;
    }

    public async ValueTask GetManyAsync(ReadOnlyMemory<BlockHash> hashes, Memory<BlockLease> blocks, CancellationToken cancellationToken = default)
    {
        await inner.GetManyAsync(hashes, blocks, cancellationToken);
        try
        {
            for (var i = 0; i < hashes.Length; i++)
                Check(hashes.Span[i], blocks.Span[i]);
        }
        catch (BlockCorruptException)
        {
            foreach (var lease in blocks.Span)
                lease.Dispose();
            throw;
        }
    }

    public ValueTask<AddCounts> AddManyAsync(
        ReadOnlyMemory<byte> buffer, ReadOnlyMemory<BlockSlot> blocks, CancellationToken cancellationToken = default) =>
        inner.AddManyAsync(buffer, blocks, cancellationToken);

    public ValueTask FlushAsync(CancellationToken cancellationToken = default) => inner.FlushAsync(cancellationToken);

    public ValueTask DisposeAsync() => default;

    void Check(in BlockHash hash, in BlockLease lease)
    {
        if (!lease.IsPresent)
            return;
        var found = inner.Hasher.Hash(lease.Span);
        if (found != hash)
            throw new BlockCorruptException(hash, inner.Description, $"its bytes hash to {found}");
    }
}
