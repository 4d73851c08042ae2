using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores;
using Vt.Stores.Memory;

namespace Vt.Tests.Chains;

/// <summary>
/// A store that has what was added in its own memory until it is flushed to a place that outlives it: what was not is gone with it. Thread-safe.
/// </summary>
/// <param name="lasting">The place.</param>
sealed class ForgetfulStore(MemoryStore lasting) : ForwardingStore(lasting)
{
    // Guards the two fields below.
    readonly Lock _gate = new();
    readonly Dictionary<BlockHash, TestBytes> _fresh = [];
    bool _isGone;

    /// <summary>How many flushes were asked for.</summary>
    public int Flushes { get; private set; }

    /// <summary>Loses what was not flushed, and refuses to write from then on.</summary>
    public void Lose()
    {
        lock (_gate)
        {
            _isGone = true;
            _fresh.Clear();
        }
    }

    public override async ValueTask ContainsManyAsync(ReadOnlyMemory<BlockHash> hashes, Memory<bool> present, CancellationToken cancellationToken = default)
    {
        await Inner.ContainsManyAsync(hashes, present, cancellationToken);
        lock (_gate)
        {
            for (var i = 0; i < hashes.Length; i++)
                present.Span[i] |= _fresh.ContainsKey(hashes.Span[i]);
        }
    }

    public override async ValueTask<BlockLease> GetAsync(BlockHash hash, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            if (_fresh.TryGetValue(hash, out var block))
                return new BlockLease(block.Bytes, null);
        }

        return await Inner.GetAsync(hash, cancellationToken);
    }

    public override async ValueTask GetManyAsync(ReadOnlyMemory<BlockHash> hashes, Memory<BlockLease> blocks, CancellationToken cancellationToken = default)
    {
        for (var i = 0; i < hashes.Length; i++)
        {
            var lease = await GetAsync(hashes.Span[i], cancellationToken);
            blocks.Span[i] = lease;
        }
    }

    public override async ValueTask<AddCounts> AddManyAsync(ReadOnlyMemory<byte> buffer, ReadOnlyMemory<BlockSlot> blocks, CancellationToken cancellationToken = default)
    {
        BlockBatch.Check(buffer.Length, blocks.Span, Hasher.Algorithm);
        var present = new bool[blocks.Length];
        await Inner.ContainsManyAsync(blocks.ToArray().Select(static slot => slot.Hash).ToArray(), present, cancellationToken);
        var counts = default(AddCounts);
        lock (_gate)
        {
            ThrowIfGone();
            for (var i = 0; i < present.Length; i++)
            {
                var slot = blocks.Span[i];
                var isNew = !present[i] && _fresh.TryAdd(slot.Hash, new TestBytes(buffer.Slice(slot.Offset, slot.Length).ToArray(), slot.Content));
                counts += isNew ? new AddCounts(1, slot.Length, slot.Length, 0, 0) : new AddCounts(0, 0, 0, 1, slot.Length);
            }
        }

        return counts;
    }

    public override async ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        KeyValuePair<BlockHash, TestBytes>[] fresh;
        lock (_gate)
        {
            Flushes++;
            ThrowIfGone();
            fresh = [.. _fresh];
        }

        foreach (var (hash, block) in fresh)
            await Inner.AddManyAsync(block.Bytes, new[] { new BlockSlot(hash, 0, block.Bytes.Length, block.Content) }, cancellationToken);
        lock (_gate)
        {
            foreach (var (hash, _) in fresh)
                _fresh.Remove(hash);
        }
    }

    public override IAsyncEnumerable<BlockHash> EnumerateAsync(BlockHash? after = null, CancellationToken cancellationToken = default)
    {
        BlockHash[] fresh;
        lock (_gate)
            fresh = [.. _fresh.Keys.Where(hash => after is not { } first || hash > first)];
        return base.EnumerateAsync(after, cancellationToken).Union(fresh.ToAsyncEnumerable()).Order();
    }

    public override ValueTask DisposeAsync()
    {
        Lose();
        return base.DisposeAsync();
    }

    void ThrowIfGone()
    {
        if (_isGone)
            throw new StoreUnavailableException(Description, "it has lost what was not flushed", isTransient: false);
    }

    sealed record TestBytes(byte[] Bytes, BlockContent Content);
}
