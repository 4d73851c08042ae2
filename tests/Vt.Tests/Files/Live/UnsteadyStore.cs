using Vt.Blocks.Contracts;

namespace Vt.Tests.Files.Live;

/// <summary>A store that does not answer while it is told not to, and knows nothing of archives.</summary>
sealed class UnsteadyStore(IBlockStore inner) : DelegatingStore(inner)
{
    volatile Exception? _fault;
    long _given;
    TaskCompletionSource? _held;
    TaskCompletionSource? _go;

    /// <summary>What every call that writes ends in; null while the store works.</summary>
    public Exception? Fault
    {
        get => _fault;
        set => _fault = value;
    }

    /// <summary>How many bytes it was given, known ones as well.</summary>
    public long GivenBytes => Interlocked.Read(ref _given);

    public override ValueTask<AddCounts> AddManyAsync(
        ReadOnlyMemory<byte> buffer, ReadOnlyMemory<BlockSlot> blocks, CancellationToken cancellationToken = default)
    {
        Check();
        foreach (var slot in blocks.Span)
            Interlocked.Add(ref _given, slot.Length);
        return Inner.AddManyAsync(buffer, blocks, cancellationToken);
    }

    /// <summary>Ends once a flush waits.</summary>
    public Task Held => _held!.Task;

    /// <summary>The next flush waits until it is let go.</summary>
    public void HoldFlush()
    {
        _go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Lets the flush that waits go on.</summary>
    public void LetGo() => _go!.SetResult();

    public override async ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        if (_held is { Task.IsCompleted: false } held)
        {
            held.SetResult();
            await _go!.Task;
        }

        Check();
        await Inner.FlushAsync(cancellationToken);
    }

    void Check()
    {
        if (_fault is { } fault)
            throw fault;
    }
}
