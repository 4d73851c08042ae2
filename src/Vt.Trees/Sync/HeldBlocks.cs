using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Trees.Sync;

/// <summary>A store some of whose blocks are at hand: those that were fetched together and are looked into now.</summary>
/// <param name="inner">Has all of them; not disposed.</param>
sealed class HeldBlocks(IBlockStore inner) : DelegatingStore(inner)
{
    readonly Dictionary<BlockHash, byte[]> _held = [];

    /// <summary>Fetches blocks with one request.</summary>
    /// <exception cref="BlockMissingException">One of them is not there.</exception>
    public async ValueTask HoldAsync(BlockHash[] hashes, CancellationToken cancellationToken)
    {
        var leases = new BlockLease[hashes.Length];
        await Inner.GetManyAsync(hashes, leases, cancellationToken);
        try
        {
            for (var i = 0; i < hashes.Length; i++)
                _held[hashes[i]] = leases[i].IsPresent ? leases[i].Memory.ToArray() : throw new BlockMissingException(hashes[i], Description);
        }
        finally
        {
            foreach (var lease in leases)
                lease.Dispose();
        }
    }

    /// <summary>Lets go of a block.</summary>
    /// <returns>Its bytes.</returns>
    public byte[] Take(BlockHash hash) => _held.Remove(hash, out var bytes) ? bytes : throw new ArgumentException($"{hash} is not held", nameof(hash));

    /// <inheritdoc/>
    public override ValueTask<BlockLease> GetAsync(BlockHash hash, CancellationToken cancellationToken = default) =>
        _held.TryGetValue(hash, out var bytes) ? new(new BlockLease(bytes, null)) : base.GetAsync(hash, cancellationToken);

    /// <inheritdoc/>
    public override async ValueTask GetManyAsync(ReadOnlyMemory<BlockHash> hashes, Memory<BlockLease> blocks, CancellationToken cancellationToken = default)
    {
        for (var i = 0; i < hashes.Length; i++)
        {
            if (!_held.ContainsKey(hashes.Span[i]))
            {
                await base.GetManyAsync(hashes, blocks, cancellationToken);
                return;
            }
        }

        for (var i = 0; i < hashes.Length; i++)
            blocks.Span[i] = new BlockLease(_held[hashes.Span[i]], null);
    }
}
