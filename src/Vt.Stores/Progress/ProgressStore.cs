using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Stores.Progress;

/// <summary>Counts and times what goes through to another store: what progress bars and status lines read. Thread-safe; a counter costs a lock a batch.</summary>
/// <param name="inner">The other store; disposed with this one.</param>
/// <param name="time">The clock of latencies; the system's when null.</param>
public sealed class ProgressStore(IBlockStore inner, TimeProvider? time = null) : ForwardingStore(inner)
{
    readonly TimeProvider _time = time ?? TimeProvider.System;

    // Guards the progress.
    readonly Lock _progressGate = new();
    StoreProgress _progress = new();

    /// <summary>The counters now.</summary>
    public StoreProgress Progress
    {
        get
        {
            lock (_progressGate)
                return _progress;
        }
    }

    /// <inheritdoc/>
    public override async ValueTask ContainsManyAsync(
        ReadOnlyMemory<BlockHash> hashes, Memory<bool> present, CancellationToken cancellationToken = default)
    {
        var start = Begin();
        var asked = 0L;
        try
        {
            await Inner.ContainsManyAsync(hashes, present, cancellationToken);
            asked = hashes.Length;
        }
        finally
        {
            End(start, hashes.Length == asked, (progress, _) => progress with { Asked = progress.Asked + asked });
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<BlockLease> GetAsync(BlockHash hash, CancellationToken cancellationToken = default)
    {
        var start = Begin();
        BlockLease? lease = null;
        try
        {
            lease = await Inner.GetAsync(hash, cancellationToken);
            return lease.Value;
        }
        finally
        {
            var (got, bytes, isDone) = (lease is { IsPresent: true } ? 1 : 0, lease?.Memory.Length ?? 0, lease is not null);
            End(start, isDone, (progress, took) => Read(progress, got, bytes, isDone ? 1 - got : 0, took));
        }
    }

    /// <inheritdoc/>
    public override async ValueTask GetManyAsync(
        ReadOnlyMemory<BlockHash> hashes, Memory<BlockLease> blocks, CancellationToken cancellationToken = default)
    {
        var start = Begin();
        var isDone = false;
        try
        {
            await Inner.GetManyAsync(hashes, blocks, cancellationToken);
            isDone = true;
        }
        finally
        {
            var (got, bytes) = isDone ? Sum(blocks.Span[..hashes.Length]) : (0, 0);
            End(start, isDone, (progress, took) => Read(progress, got, bytes, isDone ? hashes.Length - got : 0, took));
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<AddCounts> AddManyAsync(
        ReadOnlyMemory<byte> buffer, ReadOnlyMemory<BlockSlot> blocks, CancellationToken cancellationToken = default)
    {
        var start = Begin();
        AddCounts? counts = null;
        try
        {
            counts = await Inner.AddManyAsync(buffer, blocks, cancellationToken);
            return counts.Value;
        }
        finally
        {
            var added = counts ?? default;
            End(start, counts is not null, (progress, took) =>
                progress with { Added = progress.Added + added, AddTime = progress.AddTime + took });
        }
    }

    /// <inheritdoc/>
    public override async ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        var start = Begin();
        var isDone = false;
        try
        {
            await Inner.FlushAsync(cancellationToken);
            isDone = true;
        }
        finally
        {
            End(start, isDone, (progress, took) =>
                progress with { Flushes = progress.Flushes + (isDone ? 1 : 0), FlushTime = progress.FlushTime + took });
        }
    }

    static StoreProgress Read(StoreProgress progress, long got, long bytes, long absent, TimeSpan took) => progress with
    {
        Gets = progress.Gets + got,
        GetBytes = progress.GetBytes + bytes,
        Absent = progress.Absent + absent,
        GetTime = progress.GetTime + took,
    };

    static (long Count, long Bytes) Sum(ReadOnlySpan<BlockLease> leases)
    {
        long count = 0, bytes = 0;
        foreach (ref readonly var lease in leases)
        {
            count += lease.IsPresent ? 1 : 0;
            bytes += lease.Memory.Length;
        }

        return (count, bytes);
    }

    long Begin()
    {
        lock (_progressGate)
            _progress = _progress with { Outstanding = _progress.Outstanding + 1 };
        return _time.GetTimestamp();
    }

    void End(long start, bool isDone, Func<StoreProgress, TimeSpan, StoreProgress> count)
    {
        var took = _time.GetElapsedTime(start);
        lock (_progressGate)
        {
            _progress = count(_progress, took) with
            {
                Outstanding = _progress.Outstanding - 1,
                Failures = _progress.Failures + (isDone ? 0 : 1),
                LongestCall = took > _progress.LongestCall ? took : _progress.LongestCall,
            };
        }
    }
}
