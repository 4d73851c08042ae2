using System.Threading.Channels;
using Vt.Stores.Streams.Protocol;

namespace Vt.Stores.Streams.Client;

/// <summary>
/// A call whose answer has no bound: the server sends a few frames, and more as they are asked for. With its line it is lost; whoever reads it asks
/// again for what it has not had.
/// </summary>
/// <param name="request">The frame; released when the call ends.</param>
/// <param name="store">The store's description.</param>
sealed class FlowingCall(Frame request, string store) : Call(request)
{
    // The server stops at its window, so this is never full.
    readonly Channel<Frame> _frames = Channel.CreateUnbounded<Frame>(new UnboundedChannelOptions { SingleReader = true });

    /// <summary>The next frame, for the caller to release; null at the answer's end.</summary>
    public async ValueTask<Frame?> ReadAsync(CancellationToken cancellationToken)
    {
        while (await _frames.Reader.WaitToReadAsync(cancellationToken))
        {
            if (_frames.Reader.TryRead(out var frame))
                return frame;
        }

        return null;
    }

    /// <inheritdoc/>
    public override bool Take(Frame frame)
    {
        if ((frame.Flags & FrameFlags.Fault) != 0)
        {
            _frames.Writer.TryComplete(FaultOf(frame).ToException(store));
            return true;
        }

        var isLast = (frame.Flags & FrameFlags.More) == 0;
        if (!_frames.Writer.TryWrite(frame))
            frame.Release();
        if (isLast)
            _frames.Writer.TryComplete();
        return isLast;
    }

    /// <inheritdoc/>
    public override bool TryBeginAnew() => false;

    /// <inheritdoc/>
    public override void Fail(Exception cause) => _frames.Writer.TryComplete(cause);

    /// <summary>Gives back what nobody will read.</summary>
    public void Drop()
    {
        _frames.Writer.TryComplete();
        while (_frames.Reader.TryRead(out var frame))
            frame.Release();
    }
}
