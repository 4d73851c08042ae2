using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
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

    // Of a store that will lose a flush: what was added since the last one.
    readonly ConcurrentDictionary<BlockHash, (byte[] Bytes, BlockContent Content)> _volatile = new();
    readonly bool _isVolatile = rules.Any(static rule => rule.Kind == FaultKind.LostFlush);
    volatile Exception? _lost;

    /// <inheritdoc/>
    public override string Description => $"faulty {Inner.Description}";

    /// <inheritdoc/>
    public override async ValueTask ContainsManyAsync(
        ReadOnlyMemory<BlockHash> hashes, Memory<bool> present, CancellationToken cancellationToken = default)
    {
        await StrikeCallAsync(cancellationToken);
        await Inner.ContainsManyAsync(hashes, present, cancellationToken);
        for (var i = 0; _isVolatile && i < hashes.Length; i++)
            present.Span[i] |= _volatile.ContainsKey(hashes.Span[i]);
    }

    /// <inheritdoc/>
    public override async ValueTask<BlockLease> GetAsync(BlockHash hash, CancellationToken cancellationToken = default)
    {
        await StrikeCallAsync(cancellationToken);
        return Spoil(Recall(hash, await Inner.GetAsync(hash, cancellationToken)));
    }

    /// <inheritdoc/>
    public override async ValueTask GetManyAsync(
        ReadOnlyMemory<BlockHash> hashes, Memory<BlockLease> blocks, CancellationToken cancellationToken = default)
    {
        await StrikeCallAsync(cancellationToken);
        await Inner.GetManyAsync(hashes, blocks, cancellationToken);
        for (var i = 0; i < hashes.Length; i++)
            blocks.Span[i] = Spoil(Recall(hashes.Span[i], blocks.Span[i]));
    }

    /// <inheritdoc/>
    public override async ValueTask<AddCounts> AddManyAsync(
        ReadOnlyMemory<byte> buffer, ReadOnlyMemory<BlockSlot> blocks, CancellationToken cancellationToken = default)
    {
        await StrikeCallAsync(cancellationToken);
        if (Strikes(FaultKind.DiskFull))
            throw new StoreFullException(Description, "no space is left, by plan");
        if (_isVolatile)
            return Hold(buffer.Span, blocks.Span);
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
        if (Strikes(FaultKind.LostFlush))
            _lost = new StoreUnavailableException(Description, "a flush failed and what was added is lost, by plan", isTransient: false);
        if (_isVolatile)
            await WriteAsync(cancellationToken);
        await Inner.FlushAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override async ValueTask<string?> ReadAsync(string name, CancellationToken cancellationToken = default)
    {
        await StrikeReferenceAsync(cancellationToken);
        return await base.ReadAsync(name, cancellationToken);
    }

    /// <inheritdoc/>
    public override async IAsyncEnumerable<string> ListAsync(string prefix = "", [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await StrikeReferenceAsync(cancellationToken);
        await foreach (var name in base.ListAsync(prefix, cancellationToken))
            yield return name;
    }

    /// <inheritdoc/>
    public override async ValueTask<bool> TryMoveAsync(
        string name, string? expected, string? value, string note, CancellationToken cancellationToken = default)
    {
        await StrikeReferenceAsync(cancellationToken);
        var isMoved = await base.TryMoveAsync(name, expected, value, note, cancellationToken);
        if (Strikes(FaultKind.LostMove))
            throw new StoreUnavailableException(Description, "an answer was lost, by plan", isTransient: true);
        return isMoved;
    }

    /// <inheritdoc/>
    public override async IAsyncEnumerable<RefMovement> ReadLogAsync(string name, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await StrikeReferenceAsync(cancellationToken);
        await foreach (var movement in base.ReadLogAsync(name, cancellationToken))
            yield return movement;
    }

    /// <inheritdoc/>
    public override ValueTask<bool> NoteDamageAsync(BlockHash hash, CancellationToken cancellationToken = default) =>
        Has<IDamageNotes>() ? base.NoteDamageAsync(hash, cancellationToken) : new(false);

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

        if (Strikes(FaultKind.Stuck))
            await Task.Delay(Timeout.InfiniteTimeSpan, _time, cancellationToken);
        if (Strikes(FaultKind.Error))
            throw new StoreUnavailableException(Description, "a call failed, by plan", isTransient: true);
    }

    async ValueTask StrikeReferenceAsync(CancellationToken cancellationToken)
    {
        if (Strikes(FaultKind.Stuck))
            await Task.Delay(Timeout.InfiniteTimeSpan, _time, cancellationToken);
        if (Strikes(FaultKind.ReferenceError))
            throw new StoreUnavailableException(Description, "a call about references failed, by plan", isTransient: true);
    }

    AddCounts Hold(ReadOnlySpan<byte> buffer, ReadOnlySpan<BlockSlot> blocks)
    {
        if (_lost is { } lost)
            throw lost;
        var counts = default(AddCounts);
        foreach (ref readonly var slot in blocks)
        {
            _volatile[slot.Hash] = (buffer.Slice(slot.Offset, slot.Length).ToArray(), slot.Content);
            _added[slot.Hash] = true;
            counts += new AddCounts(1, slot.Length, slot.Length, 0, 0);
        }

        return counts;
    }

    async ValueTask WriteAsync(CancellationToken cancellationToken)
    {
        foreach (var (hash, (bytes, content)) in _volatile)
        {
            if (_lost is { } lost)
                throw lost;
            await Inner.AddManyAsync(bytes, new BlockSlot[] { new(hash, 0, bytes.Length, content) }, cancellationToken);
            _volatile.TryRemove(hash, out _);
        }

        if (_lost is { } cause)
            throw cause;
    }

    BlockLease Recall(in BlockHash hash, in BlockLease lease) =>
        !lease.IsPresent && _isVolatile && _volatile.TryGetValue(hash, out var held) ? new BlockLease(held.Bytes, null) : lease;

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
        if (Strikes(FaultKind.AbsentRead))
        {
            lease.Dispose();
            return default;
        }

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
