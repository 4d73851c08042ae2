using System.Collections.Concurrent;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores;

namespace Vt.Tests.Files;

/// <summary>A store of which some blocks are damaged and others missing.</summary>
sealed class DamagedStore(IBlockStore inner) : ForwardingStore(inner)
{
    public ConcurrentDictionary<BlockHash, bool> Damaged { get; } = new();

    public ConcurrentDictionary<BlockHash, bool> Missing { get; } = new();

    public override ValueTask<BlockLease> GetAsync(BlockHash hash, CancellationToken cancellationToken = default)
    {
        Check(hash);
        return Missing.ContainsKey(hash) ? default : Inner.GetAsync(hash, cancellationToken);
    }

    public override async ValueTask GetManyAsync(
        ReadOnlyMemory<BlockHash> hashes, Memory<BlockLease> blocks, CancellationToken cancellationToken = default)
    {
        foreach (var hash in hashes.Span)
            Check(hash);
        await Inner.GetManyAsync(hashes, blocks, cancellationToken);
        for (var i = 0; i < hashes.Length; i++)
        {
            if (!Missing.ContainsKey(hashes.Span[i]))
                continue;
            blocks.Span[i].Dispose();
            blocks.Span[i] = default;
        }
    }

    void Check(in BlockHash hash)
    {
        if (Damaged.ContainsKey(hash))
            throw new BlockCorruptException(hash, Description, "it is damaged, by plan");
    }
}
