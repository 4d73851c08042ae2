using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Operations;

/// <summary>A store that answers from another what it has not got itself: what a tree is read from of which each has a part.</summary>
/// <param name="first">Asked first; not disposed.</param>
/// <param name="second">Asked for what the first has not got; not disposed.</param>
sealed class FallbackStore(IBlockStore first, IBlockStore second) : DelegatingStore(first)
{
    /// <inheritdoc/>
    public override string Description => $"{Inner.Description} and {second.Description}";

    /// <inheritdoc/>
    public override async ValueTask<BlockLease> GetAsync(BlockHash hash, CancellationToken cancellationToken = default)
    {
        var block = await Inner.GetAsync(hash, cancellationToken);
        return block.IsPresent ? block : await second.GetAsync(hash, cancellationToken);
    }

    /// <inheritdoc/>
    public override async ValueTask GetManyAsync(ReadOnlyMemory<BlockHash> hashes, Memory<BlockLease> blocks, CancellationToken cancellationToken = default)
    {
        await Inner.GetManyAsync(hashes, blocks, cancellationToken);
        var missing = new List<int>();
        for (var i = 0; i < hashes.Length; i++)
        {
            if (!blocks.Span[i].IsPresent)
                missing.Add(i);
        }

        if (missing.Count == 0)
            return;
        var found = new BlockLease[missing.Count];
        var isDone = false;
        try
        {
            await second.GetManyAsync(missing.ConvertAll(at => hashes.Span[at]).ToArray(), found, cancellationToken);
            isDone = true;
        }
        finally
        {
            for (var i = 0; i < blocks.Length && !isDone; i++)
                blocks.Span[i].Dispose();
        }

        for (var i = 0; i < found.Length; i++)
            blocks.Span[missing[i]] = found[i];
    }
}
