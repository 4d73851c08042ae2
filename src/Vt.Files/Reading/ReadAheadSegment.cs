using System.Buffers;

namespace Vt.Files.Reading;

/// <summary>A stretch of a file that is being read, or has been, before somebody asks for it.</summary>
sealed class ReadAheadSegment
{
    readonly ReadAheadBudget _budget;
    readonly byte[] _buffer;
    int _holders = 1;

    ReadAheadSegment(long index, byte[] buffer, ReadAheadBudget budget, Func<Memory<byte>, Task<int>> fill, int length)
    {
        Index = index;
        _buffer = buffer;
        _budget = budget;
        Length = length;
        Filled = Task.Run(() => fill(_buffer.AsMemory(0, length)));
    }

    /// <summary>Which stretch of the file this is, counted in segments.</summary>
    public long Index { get; }

    /// <summary>How many bytes it takes of the budget.</summary>
    public int Length { get; }

    /// <summary>Completes with the number of bytes that are there, or with what reading them met.</summary>
    public Task<int> Filled { get; }

    /// <summary>The bytes, once <see cref="Filled"/> has completed and while this is held.</summary>
    public ReadOnlySpan<byte> Bytes => _buffer;

    /// <summary>Starts reading a stretch; null where the budget has no room for it.</summary>
    public static ReadAheadSegment? TryStart(long index, int length, ReadAheadBudget budget, Func<Memory<byte>, Task<int>> fill) =>
        budget.TryTake(length) ? new ReadAheadSegment(index, ArrayPool<byte>.Shared.Rent(length), budget, fill, length) : null;

    /// <summary>Keeps the bytes from being reused until the matching <see cref="Release"/>.</summary>
    public void Hold() => Interlocked.Increment(ref _holders);

    /// <summary>Lets go. The last one gives buffer and budget back, though not before the read into it has ended.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) > 0)
            return;
        if (Filled.IsCompleted)
            GiveBack();
        else
            _ = Filled.ContinueWith(_ => GiveBack(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    void GiveBack()
    {
        // An error that nobody waited for is not lost: whoever asks for these bytes reads them again and meets it.
        _ = Filled.Exception;
        ArrayPool<byte>.Shared.Return(_buffer);
        _budget.Return(Length);
    }
}
