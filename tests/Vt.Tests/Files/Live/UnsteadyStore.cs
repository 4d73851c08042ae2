using Vt.Blocks.Contracts;

namespace Vt.Tests.Files.Live;

/// <summary>A store that does not answer while it is told not to, and knows nothing of archives.</summary>
sealed class UnsteadyStore(IBlockStore inner) : DelegatingStore(inner)
{
    volatile Exception? _fault;

    /// <summary>What every call that writes ends in; null while the store works.</summary>
    public Exception? Fault
    {
        get => _fault;
        set => _fault = value;
    }

    public override ValueTask<AddCounts> AddManyAsync(
        ReadOnlyMemory<byte> buffer, ReadOnlyMemory<BlockSlot> blocks, CancellationToken cancellationToken = default)
    {
        Check();
        return Inner.AddManyAsync(buffer, blocks, cancellationToken);
    }

    public override ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        Check();
        return Inner.FlushAsync(cancellationToken);
    }

    void Check()
    {
        if (_fault is { } fault)
            throw fault;
    }
}
