using Vt.Blocks.Contracts;

namespace Vt.Tests.Support;

/// <summary>A store that lets no add end before it is opened, and counts those that are under way.</summary>
sealed class HeldAddsStore(IBlockStore inner) : DelegatingStore(inner)
{
    readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly SemaphoreSlim _begun = new(0);
    int _underWay;
    int _seen;

    public int Most { get; private set; }

    public void Open() => _open.SetResult();

    public async Task WhenUnderWay(int count)
    {
        for (; _seen < count; _seen++)
            Assert.True(await _begun.WaitAsync(TimeSpan.FromSeconds(60)), $"{_seen} of {count} are under way");
    }

    public override async ValueTask<AddCounts> AddManyAsync(ReadOnlyMemory<byte> buffer, ReadOnlyMemory<BlockSlot> blocks, CancellationToken cancellationToken = default)
    {
        var underWay = Interlocked.Increment(ref _underWay);
        lock (_begun)
            Most = Math.Max(Most, underWay);
        _begun.Release();
        try
        {
            await _open.Task.WaitAsync(cancellationToken);
            return await base.AddManyAsync(buffer, blocks, cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
        }
    }

    public override ValueTask DisposeAsync()
    {
        _begun.Dispose();
        return base.DisposeAsync();
    }
}
