using System.Collections.Concurrent;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Stores.Faults;

/// <summary>
/// Passes calls on to another store and does wrong by plan: what tests put under whatever must stand it. It hands out damaged bytes
/// unchecked, as a careless store would. Thread-safe.
/// </summary>
/// <param name="inner">The other store; disposed with this one.</param>
/// <param name="rules">The plan.</param>
/// <param name="time">The clock of delays; the system's when null.</param>
public sealed class FaultyStore(IBlockStore inner, IReadOnlyList<FaultRule> rules, TimeProvider? time = null) : ForwardingStore(inner)
{
    readonly TimeProvider _time = time ?? TimeProvider.System;
    readonly ConcurrentDictionary<BlockHash, bool> _added = new();

    /// <inheritdoc/>
    public override string Description => $"faulty {Inner.Description}";

    /// <inheritdoc/>
    public override async ValueTask ContainsManyAsync(
        ReadOnlyMemory<BlockHash> hashes, Memory<bool> present, CancellationToken cancellationToken = default)
    {
        await StrikeCallAsync(cancellationToken);
        await Inner.ContainsManyAsync(hashes, present, cancellationToken);
    }

    /// <inheritdoc/>
    public override async ValueTask<BlockLease> GetAsync(BlockHash hash, CancellationToken cancellationToken = default)
    {
        await StrikeCallAsync(cancellationToken);
        return Spoil(await Inner.GetAsync(hash, cancellationToken));
    }

    /// <inheritdoc/>
    public override async ValueTask GetManyAsync(
        ReadOnlyMemory<BlockHash> hashes, Memory<BlockLease> blocks, CancellationToken cancellationToken = default)
    {
        await StrikeCallAsync(cancellationToken);
        await Inner.GetManyAsync(hashes, blocks, cancellationToken);
        for (var i = 0; i < hashes.Length; i++)
            blocks.Span[i] = Spoil(blocks.Span[i]);
    }

    /// <inheritdoc/>
    public override async ValueTask<AddCounts> AddManyAsync(
        ReadOnlyMemory<byte> buffer, ReadOnlyMemory<BlockSlot> blocks, CancellationToken cancellationToken = default)
    {
        await StrikeCallAsync(cancellationToken);
        if (Strikes(FaultKind.DiskFull))
            throw new StoreFullException(Description, "no space is left, by plan");
        var counts = await Inner.AddManyAsync(buffer, blocks, cancellationToken);
        if (Strikes(FaultKind.DuplicateAdd))
            await Inner.AddManyAsync(buffer, blocks, cancellationToken);
        foreach (ref readonly var slot in blocks.Span)
            _added[slot.Hash] = true;
        return counts;
    }

    /// <inheritdoc/>
    public override async ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        await StrikeCallAsync(cancellationToken);
        if (Strikes(FaultKind.FlushFailure))
            throw new StoreUnavailableException(Description, "a flush failed, by plan");
        await Inner.FlushAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override IAsyncEnumerable<BlockHash> EnumerateAsync(BlockHash? after = null, CancellationToken cancellationToken = default)
    {
        var hashes = base.EnumerateAsync(after, cancellationToken);
        return Strikes(FaultKind.StaleList) ? hashes.Where(hash => !_added.ContainsKey(hash)) : hashes;
    }

    async ValueTask StrikeCallAsync(CancellationToken cancellationToken)
    {
        foreach (var rule in rules)
        {
            if (rule.Kind == FaultKind.Delay && rule.Strikes())
                await Task.Delay(rule.Delay, _time, cancellationToken);
        }

        if (Strikes(FaultKind.Error))
            throw new StoreUnavailableException(Description, "a call failed, by plan", isTransient: true);
    }

    bool Strikes(FaultKind kind)
    {
        var strikes = false;
        foreach (var rule in rules)
            strikes |= rule.Kind == kind && rule.Strikes();
        return strikes;
    }

    BlockLease Spoil(BlockLease lease)
    {
        if (!lease.IsPresent || lease.Memory.IsEmpty)
            return lease;
        if (Strikes(FaultKind.TruncatedRead))
            return lease with { Memory = lease.Memory[..(lease.Memory.Length / 2)] };
        if (!Strikes(FaultKind.BitFlip))
            return lease;
        var copy = lease.Memory.ToArray();
        copy[copy.Length / 2] ^= 1;
        lease.Dispose();
        return new BlockLease(copy, null);
    }
}
