using System.Buffers;

namespace Vt.Output;

/// <summary>Hands on what is read piece by piece in order, while those that follow are read, decompressed and verified on all processors.</summary>
static class OrderedReading
{
    // Several of the store's frames, so that reading a piece is worth a thread's while.
    const int PieceBytes = 1 << 20;
    const int MostPieces = 8;

    /// <summary>Reads everything.</summary>
    /// <param name="length">How much there is.</param>
    /// <param name="read">Reads from an offset; fills the memory.</param>
    /// <param name="take">Gets each piece.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task ReadAsync(
        long length, Func<long, Memory<byte>, CancellationToken, ValueTask<int>> read, Action<ReadOnlyMemory<byte>> take, CancellationToken cancellationToken)
    {
        var pieces = new Queue<(byte[] Buffer, Task<int> Count)>();
        var started = 0L;
        try
        {
            while (true)
            {
                for (; pieces.Count < Math.Min(Environment.ProcessorCount + 1, MostPieces) && started < length; started += PieceBytes)
                    pieces.Enqueue(Start(started));
                if (!pieces.TryPeek(out var piece))
                    return;
                take(piece.Buffer.AsMemory(0, await piece.Count));
                pieces.Dequeue();
                ArrayPool<byte>.Shared.Return(piece.Buffer);
            }
        }
        finally
        {
            foreach (var (_, count) in pieces)
                await ((Task)count).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        (byte[] Buffer, Task<int> Count) Start(long offset)
        {
            var wanted = (int)Math.Min(PieceBytes, length - offset);
            var buffer = ArrayPool<byte>.Shared.Rent(wanted);
            return (buffer, Task.Run(async () => await read(offset, buffer.AsMemory(0, wanted), cancellationToken), cancellationToken));
        }
    }
}
