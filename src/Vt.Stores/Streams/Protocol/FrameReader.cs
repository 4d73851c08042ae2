using System.Buffers;
using Vt.Blocks.Contracts;

namespace Vt.Stores.Streams.Protocol;

/// <summary>
/// Takes frames from a stream. Small ones come out of a buffer that several share; while nothing comes it holds no buffer at all, where the stream
/// can wait without one, so that an idle connection costs next to nothing. For one reader at a time.
/// </summary>
/// <param name="stream">What is read; not disposed.</param>
/// <param name="waitsWithoutBuffer">Whether the stream waits for bytes when it is asked to read none, as sockets do.</param>
public sealed class FrameReader(Stream stream, bool waitsWithoutBuffer) : IDisposable
{
    const int BufferLength = 64 << 10;

    byte[]? _buffer;
    int _start;
    int _end;

    /// <summary>The next frame.</summary>
    /// <param name="largest">How long it may be, in bytes.</param>
    /// <param name="reserve">Asked for so many bytes of memory before they are filled, and says what is to be called when the frame is released; null for nobody.</param>
    /// <param name="cancellationToken">Gives up; the stream is of no use after that.</param>
    /// <returns>The frame, for the caller to release; null at the stream's end.</returns>
    /// <exception cref="FormatInvalidException">What came is no frame, is longer than it may be, or ends within.</exception>
    public async ValueTask<Frame?> ReadAsync(int largest, Func<int, CancellationToken, ValueTask<Action>>? reserve, CancellationToken cancellationToken)
    {
        while (_end - _start < Frame.HeaderLength)
        {
            if (await FillAsync(cancellationToken))
                continue;
            return _end == _start ? null : throw new FormatInvalidException("the connection ended within a frame");
        }

        var frame = Frame.Begin(_buffer.AsSpan(_start, Frame.HeaderLength), largest);
        _start += Frame.HeaderLength;
        try
        {
            if (reserve is not null)
                frame.WhenReleased(await reserve(frame.Length, cancellationToken));
            var body = frame.BodyRoom;
            var have = Math.Min(body.Length, _end - _start);
            _buffer.AsMemory(_start, have).CopyTo(body);
            _start += have;
            if (have < body.Length)
                await stream.ReadExactlyAsync(body[have..], cancellationToken);
            frame.Check();
            return frame;
        }
        catch (EndOfStreamException cut)
        {
            frame.Release();
            throw new FormatInvalidException("the connection ended within a frame", 0, cut);
        }
        catch
        {
            frame.Release();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => GiveBack();

    async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (_start == _end)
        {
            _start = _end = 0;
            if (waitsWithoutBuffer)
            {
                GiveBack();
                _ = await stream.ReadAsync(Memory<byte>.Empty, cancellationToken);
            }
        }

        _buffer ??= ArrayPool<byte>.Shared.Rent(BufferLength);
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        var count = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
        _end += count;
        return count > 0;
    }

    void GiveBack()
    {
        if (_buffer is not null)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = null;
        _start = _end = 0;
    }
}
