using System.Buffers;
using System.Threading.Channels;

namespace Vt.Stores.Streams.Protocol;

/// <summary>
/// Puts frames on a stream, in the order in which they are given. Small ones that wait together go out together. Owns its task, which
/// <see cref="DisposeAsync"/> awaits. Safe from any thread.
/// </summary>
public sealed class FrameSender : IAsyncDisposable
{
    const int GatherLength = 64 << 10;
    const int WriteLength = 256 << 10;
    const int MostWaiting = 64;
    const int MostLarge = 4;

    readonly Stream _stream;
    readonly TimeSpan _patience;
    readonly Channel<Frame> _waiting;
    readonly SemaphoreSlim _large = new(MostLarge);
    readonly CancellationTokenSource _stop = new();
    readonly Task _task;
    volatile bool _isDisposed;

    /// <summary>Begins.</summary>
    /// <param name="stream">What is written; not disposed.</param>
    /// <param name="patience">How long the other side may take to make room for some 100 KiB before it counts as gone.</param>
    public FrameSender(Stream stream, TimeSpan patience)
    {
        _stream = stream;
        _patience = patience;
        _waiting = Channel.CreateBounded<Frame>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
        _task = Task.Run(SendAllAsync);
    }

    /// <summary>Completed when sending has ended: faulted with the first cause where it failed.</summary>
    public Task Completion => _task;

    /// <summary>Gives a frame to be sent; its release passes to the sender, whatever comes of it.</summary>
    /// <returns>Whether it was taken; not when sending has ended.</returns>
    public async ValueTask<bool> SendAsync(Frame frame, CancellationToken cancellationToken)
    {
        var hasPlace = false;
        try
        {
            // Of large frames few wait here: their makers wait instead.
            if (IsLarge(frame))
                hasPlace = await TakePlaceAsync(cancellationToken);
            await _waiting.Writer.WriteAsync(frame, cancellationToken);
            return true;
        }
        catch (ChannelClosedException)
        {
            frame.Release();
            return false;
        }
        catch
        {
            if (hasPlace)
                _large.Release();
            frame.Release();
            throw;
        }
    }

    /// <summary>Takes no more frames, and waits until those that wait were sent, or sending failed.</summary>
    public async Task FinishAsync()
    {
        _waiting.Writer.TryComplete();
        await _task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Ends at once: what waits is not sent.</summary>
    public async ValueTask DisposeAsync()
    {
        _isDisposed = true;
        _waiting.Writer.TryComplete();
        await _stop.CancelAsync();
        await _task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    static bool IsLarge(Frame frame) => frame.Length > GatherLength / 2;

    // Whoever waits for a place when sending ends finds the queue closed.
    async ValueTask<bool> TakePlaceAsync(CancellationToken cancellationToken)
    {
        await _large.WaitAsync(cancellationToken);
        return true;
    }

    async Task SendAllAsync()
    {
        var gather = ArrayPool<byte>.Shared.Rent(GatherLength);
        try
        {
            while (await _waiting.Reader.WaitToReadAsync(_stop.Token))
            {
                var gathered = 0;
                while (_waiting.Reader.TryRead(out var frame))
                    gathered = await SendAsync(frame, gather, gathered);
                await WriteAsync(gather.AsMemory(0, gathered));
                await _stream.FlushAsync(_stop.Token);
            }
        }
        catch (Exception fault)
        {
            _waiting.Writer.TryComplete(fault);
            throw;
        }
        finally
        {
            while (_waiting.Reader.TryRead(out var left))
                left.Release();
            _large.Release(int.MaxValue / 2);
            ArrayPool<byte>.Shared.Return(gather);
        }
    }

    async ValueTask<int> SendAsync(Frame frame, byte[] gather, int gathered)
    {
        using (frame)
        {
            if (!IsLarge(frame) && frame.Length > gather.Length - gathered)
            {
                await WriteAsync(gather.AsMemory(0, gathered));
                gathered = 0;
            }

            if (IsLarge(frame))
            {
                await WriteAsync(gather.AsMemory(0, gathered));
                await WriteAsync(frame.Bytes);
                _large.Release();
                return 0;
            }

            frame.Bytes.CopyTo(gather.AsMemory(gathered));
            return gathered + frame.Length;
        }
    }

    // In parts, so that a slow line is told from a dead one.
    async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var part = bytes[..Math.Min(bytes.Length, WriteLength)];
            var write = _stream.WriteAsync(part, _stop.Token);
            if (!write.IsCompletedSuccessfully)
                await WaitAsync(write);
            bytes = bytes[part.Length..];
        }
    }

    // The buffer stays the stream's until the write has ended, so a write is cancelled rather than left alone.
    async ValueTask WaitAsync(ValueTask write)
    {
        _stop.CancelAfter(_patience);
        try
        {
            await write;
        }
        catch (OperationCanceledException) when (!_isDisposed)
        {
            throw new IOException($"the other side took nothing for {_patience.TotalSeconds:0} seconds");
        }

        _stop.CancelAfter(Timeout.InfiniteTimeSpan);
    }
}
