using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores;

namespace Vt.Tests.Chains;

/// <summary>What a process has to do with others, or with another machine: out of its reach once it was killed.</summary>
/// <param name="inner">The store.</param>
/// <param name="process">Whose it is.</param>
/// <param name="isOwned">Whether the store goes with this one.</param>
sealed class MortalStore(IBlockStore inner, MortalProcess process, bool isOwned) : ForwardingStore(inner)
{
    public override ValueTask ContainsManyAsync(ReadOnlyMemory<BlockHash> hashes, Memory<bool> present, CancellationToken cancellationToken = default)
    {
        process.ThrowIfDead();
        return Inner.ContainsManyAsync(hashes, present, cancellationToken);
    }

    public override ValueTask<BlockLease> GetAsync(BlockHash hash, CancellationToken cancellationToken = default)
    {
        process.ThrowIfDead();
        return Inner.GetAsync(hash, cancellationToken);
    }

    public override ValueTask GetManyAsync(ReadOnlyMemory<BlockHash> hashes, Memory<BlockLease> blocks, CancellationToken cancellationToken = default)
    {
        process.ThrowIfDead();
        return Inner.GetManyAsync(hashes, blocks, cancellationToken);
    }

    public override ValueTask<AddCounts> AddManyAsync(ReadOnlyMemory<byte> buffer, ReadOnlyMemory<BlockSlot> blocks, CancellationToken cancellationToken = default)
    {
        process.ThrowIfDead();
        return Inner.AddManyAsync(buffer, blocks, cancellationToken);
    }

    public override ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        process.ThrowIfDead();
        return Inner.FlushAsync(cancellationToken);
    }

    public override ValueTask DisposeAsync() => isOwned ? base.DisposeAsync() : default;
}
