using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Trees.Check;

/// <summary>Reads from another store and checks each block against its name, whether or not that store did: a check trusts nobody.</summary>
/// <param name="inner">The other store; not disposed.</param>
sealed class CheckingStore(IBlockStore inner) : DelegatingStore(inner)
{
    public override async ValueTask<BlockLease> GetAsync(BlockHash hash, CancellationToken cancellationToken = default)
    {
        var lease = await Inner.GetAsync(hash, cancellationToken);
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

    public override async ValueTask GetManyAsync(ReadOnlyMemory<BlockHash> hashes, Memory<BlockLease> blocks, CancellationToken cancellationToken = default)
    {
        await Inner.GetManyAsync(hashes, blocks, cancellationToken);
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

    void Check(in BlockHash hash, in BlockLease lease)
    {
        if (!lease.IsPresent)
            return;
        var found = Inner.Hasher.Hash(lease.Span);
        if (found != hash)
            throw new BlockCorruptException(hash, Inner.Description, $"its bytes hash to {found}");
    }
}
