namespace Vt.Stores.Http;

/// <summary>One attempt at a call, which is given up when nothing has moved for a while.</summary>
sealed class HttpAttempt : IDisposable
{
    readonly CancellationTokenSource _stopped;
    readonly CancellationTokenSource _linked;
    readonly TimeSpan _patience;

    public HttpAttempt(TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        _patience = patience;
        _stopped = new CancellationTokenSource(patience, time);
        _linked = CancellationTokenSource.CreateLinkedTokenSource(_stopped.Token, cancellationToken);
    }

    /// <summary>Set when it is to be given up.</summary>
    public CancellationToken Token => _linked.Token;

    /// <summary>Whether it was given up because nothing moved.</summary>
    public bool IsTimedOut => _stopped.IsCancellationRequested;

    /// <summary>Whether something has come that need not be asked for again, so that the next attempt has less to do.</summary>
    public bool HasGained { get; set; }

    /// <summary>Something has moved.</summary>
    public void Touch() => _stopped.CancelAfter(_patience);

    /// <summary>Reads bytes until the memory is full.</summary>
    /// <exception cref="EndOfStreamException">There are fewer.</exception>
    public async ValueTask FillAsync(Stream stream, Memory<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            var read = await stream.ReadAsync(destination, Token);
            if (read == 0)
                throw new EndOfStreamException("the answer ends too early");
            Touch();
            destination = destination[read..];
        }
    }

    /// <summary>Reads all that there is.</summary>
    /// <param name="stream">From where.</param>
    /// <param name="most">The most bytes that there may be.</param>
    /// <exception cref="InvalidDataException">There are more.</exception>
    public async ValueTask<byte[]> ReadAllAsync(Stream stream, int most)
    {
        var buffer = new byte[Math.Min(most, 4096)];
        var length = 0;
        while (true)
        {
            if (length == buffer.Length)
            {
                if (length == most)
                {
                    if (await stream.ReadAsync(new byte[1], Token) == 0)
                        return buffer;
                    throw new InvalidDataException($"the answer is longer than {most} bytes");
                }

                Array.Resize(ref buffer, (int)Math.Min(most, buffer.Length * 2L));
            }

            var read = await stream.ReadAsync(buffer.AsMemory(length), Token);
            if (read == 0)
                return buffer[..length];
            Touch();
            length += read;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _linked.Dispose();
        _stopped.Dispose();
    }
}
