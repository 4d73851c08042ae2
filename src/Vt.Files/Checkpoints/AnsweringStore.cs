using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Files.Checkpoints;

/// <summary>Counts the calls that another store has answered, by which whoever waits for many of them sees whether it gets on. Thread-safe.</summary>
/// <param name="inner">The other store; not disposed.</param>
sealed class AnsweringStore(IBlockStore inner) : DelegatingStore(inner)
{
    long _answers;

    /// <summary>How many calls were answered; an error ends whatever made the call.</summary>
    public long Answers => Interlocked.Read(ref _answers);

    /// <inheritdoc/>
    public override async ValueTask ContainsManyAsync(ReadOnlyMemory<BlockHash> hashes, Memory<bool> present, CancellationToken cancellationToken = default)
    {
        await base.ContainsManyAsync(hashes, present, cancellationToken);
        Interlocked.Increment(ref _answers);
    }

    /// <inheritdoc/>
    public override ValueTask<BlockLease> GetAsync(BlockHash hash, CancellationToken cancellationToken = default)
    {
        var answer = base.GetAsync(hash, cancellationToken);
        if (!answer.IsCompletedSuccessfully)
            return CountedAsync(answer);
        Interlocked.Increment(ref _answers);
        return answer;
    }

    /// <inheritdoc/>
    public override async ValueTask GetManyAsync(ReadOnlyMemory<BlockHash> hashes, Memory<BlockLease> blocks, CancellationToken cancellationToken = default)
    {
        await base.GetManyAsync(hashes, blocks, cancellationToken);
        Interlocked.Increment(ref _answers);
    }

    /// <inheritdoc/>
    public override async ValueTask<AddCounts> AddManyAsync(
        ReadOnlyMemory<byte> buffer, ReadOnlyMemory<BlockSlot> blocks, CancellationToken cancellationToken = default)
    {
        var counts = await base.AddManyAsync(buffer, blocks, cancellationToken);
        Interlocked.Increment(ref _answers);
        return counts;
    }

    /// <inheritdoc/>
    public override async ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        await base.FlushAsync(cancellationToken);
        Interlocked.Increment(ref _answers);
    }

    async ValueTask<BlockLease> CountedAsync(ValueTask<BlockLease> answer)
    {
        var lease = await answer;
        Interlocked.Increment(ref _answers);
        return lease;
    }
}
