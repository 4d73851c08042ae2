using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Stores.Faults;

/// <summary>Counts calls and blocks that reach another store, so that tests can say how often it may be asked. Thread-safe.</summary>
/// <param name="inner">The other store; disposed with this one.</param>
public sealed class CountingStore(IBlockStore inner) : ForwardingStore(inner)
{
    long _calls;
    long _asked;
    long _read;
    long _offered;
    long _flushes;

    /// <summary>Calls of any kind.</summary>
    public long Calls => Interlocked.Read(ref _calls);

    /// <summary>Blocks asked about without reading them.</summary>
    public long Asked => Interlocked.Read(ref _asked);

    /// <summary>Blocks read, absent ones included.</summary>
    public long BlocksRead => Interlocked.Read(ref _read);

    /// <summary>Blocks offered.</summary>
    public long Offered => Interlocked.Read(ref _offered);

    /// <summary>Flushes.</summary>
    public long Flushes => Interlocked.Read(ref _flushes);

    /// <summary>Starts all counters at 0 again.</summary>
    public void Reset()
    {
        Interlocked.Exchange(ref _calls, 0);
        Interlocked.Exchange(ref _asked, 0);
        Interlocked.Exchange(ref _read, 0);
        Interlocked.Exchange(ref _offered, 0);
        Interlocked.Exchange(ref _flushes, 0);
    }

    /// <inheritdoc/>
    public override ValueTask ContainsManyAsync(
        ReadOnlyMemory<BlockHash> hashes, Memory<bool> present, CancellationToken cancellationToken = default)
    {
        Count(ref _asked, hashes.Length);
        return Inner.ContainsManyAsync(hashes, present, cancellationToken);
    }

    /// <inheritdoc/>
    public override ValueTask<BlockLease> GetAsync(BlockHash hash, CancellationToken cancellationToken = default)
    {
        Count(ref _read, 1);
        return Inner.GetAsync(hash, cancellationToken);
    }

    /// <inheritdoc/>
    public override ValueTask GetManyAsync(
        ReadOnlyMemory<BlockHash> hashes, Memory<BlockLease> blocks, CancellationToken cancellationToken = default)
    {
        Count(ref _read, hashes.Length);
        return Inner.GetManyAsync(hashes, blocks, cancellationToken);
    }

    /// <inheritdoc/>
    public override ValueTask<AddCounts> AddManyAsync(
        ReadOnlyMemory<byte> buffer, ReadOnlyMemory<BlockSlot> blocks, CancellationToken cancellationToken = default)
    {
        Count(ref _offered, blocks.Length);
        return Inner.AddManyAsync(buffer, blocks, cancellationToken);
    }

    /// <inheritdoc/>
    public override ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        Count(ref _flushes, 1);
        return Inner.FlushAsync(cancellationToken);
    }

    void Count(ref long counter, long blocks)
    {
        Interlocked.Increment(ref _calls);
        Interlocked.Add(ref counter, blocks);
    }
}
