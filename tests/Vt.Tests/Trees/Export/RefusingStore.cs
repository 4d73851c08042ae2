using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores;

namespace Vt.Tests.Trees.Export;

/// <summary>A store with one damaged block, which it finds out as a data folder does; and it tells of each request for blocks.</summary>
sealed class RefusingStore(IBlockStore inner, BlockHash damaged, Action? onRequest = null) : ForwardingStore(inner)
{
    public override ValueTask<BlockLease> GetAsync(BlockHash hash, CancellationToken cancellationToken = default)
    {
        onRequest?.Invoke();
        Refuse(hash);
        return Inner.GetAsync(hash, cancellationToken);
    }

    public override ValueTask GetManyAsync(
        ReadOnlyMemory<BlockHash> hashes, Memory<BlockLease> blocks, CancellationToken cancellationToken = default)
    {
        onRequest?.Invoke();
        foreach (var hash in hashes.Span)
            Refuse(hash);
        return Inner.GetManyAsync(hashes, blocks, cancellationToken);
    }

    void Refuse(in BlockHash hash)
    {
        if (hash == damaged)
            throw new BlockCorruptException(hash, "packs/one", "its bytes hash to something else");
    }
}
