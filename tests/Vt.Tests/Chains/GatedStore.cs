using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores;

namespace Vt.Tests.Chains;

/// <summary>A store whose reads wait until they are let through, and that can be out of reach.</summary>
sealed class GatedStore(IBlockStore inner, string name = "gated") : ForwardingStore(inner)
{
    readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly TaskCompletionSource _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override string Description => name;

    public bool IsAway { get; set; }

    public bool IsFull { get; set; }

    public bool IsClosed { get; set; }

    public int Calls { get; private set; }

    public Task WhenCancelled => _cancelled.Task;

    public Task WhenAsked => _asked.Task;

    public void Open() => _gate.TrySetResult();

    public override async ValueTask ContainsManyAsync(ReadOnlyMemory<BlockHash> hashes, Memory<bool> present, CancellationToken cancellationToken = default)
    {
        Enter();
        await Inner.ContainsManyAsync(hashes, present, cancellationToken);
    }

    public override async ValueTask<BlockLease> GetAsync(BlockHash hash, CancellationToken cancellationToken = default)
    {
        Enter();
        await WaitAsync(cancellationToken);
        return await Inner.GetAsync(hash, cancellationToken);
    }

    public override async ValueTask GetManyAsync(ReadOnlyMemory<BlockHash> hashes, Memory<BlockLease> blocks, CancellationToken cancellationToken = default)
    {
        Enter();
        await WaitAsync(cancellationToken);
        await Inner.GetManyAsync(hashes, blocks, cancellationToken);
    }

    public override async ValueTask<AddCounts> AddManyAsync(
        ReadOnlyMemory<byte> buffer, ReadOnlyMemory<BlockSlot> blocks, CancellationToken cancellationToken = default)
    {
        Enter();
        return IsFull ? throw new StoreFullException(Description, "no room, by plan") : await Inner.AddManyAsync(buffer, blocks, cancellationToken);
    }

    public override async ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        Enter();
        await Inner.FlushAsync(cancellationToken);
    }

    public override ValueTask<string?> ReadAsync(string name, CancellationToken cancellationToken = default)
    {
        Enter();
        return base.ReadAsync(name, cancellationToken);
    }

    public override ValueTask<bool> TryMoveAsync(string name, string? expected, string? value, string note, CancellationToken cancellationToken = default)
    {
        Enter();
        return base.TryMoveAsync(name, expected, value, note, cancellationToken);
    }

    public override IAsyncEnumerable<string> ListAsync(string prefix = "", CancellationToken cancellationToken = default)
    {
        Enter();
        return base.ListAsync(prefix, cancellationToken);
    }

    public override IAsyncEnumerable<BlockHash> EnumerateAsync(BlockHash? after = null, CancellationToken cancellationToken = default)
    {
        Enter();
        return base.EnumerateAsync(after, cancellationToken);
    }

    void Enter()
    {
        Calls++;
        if (IsAway)
            throw new StoreUnavailableException(Description, "away, by plan", isTransient: true);
    }

    async Task WaitAsync(CancellationToken cancellationToken)
    {
        if (!IsClosed)
            return;
        _asked.TrySetResult();
        try
        {
            await _gate.Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            _cancelled.TrySetResult();
            throw;
        }
    }
}
