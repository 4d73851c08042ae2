using Vt.Blocks.Contracts;
using Vt.Stores.Streams.Protocol;

namespace Vt.Stores.Streams.Client;

/// <summary>A call whose answer is small enough to be collected: it survives the loss of a line.</summary>
/// <param name="request">The frame; released when the call ends.</param>
/// <param name="store">The store's description.</param>
/// <param name="answered">Told of a good answer before anybody else can be, so that nothing comes between; null for nobody.</param>
/// <param name="isBound">Whether it ends with the line that it was sent over.</param>
sealed class SingleCall(Frame request, string store, Action<Frame>? answered = null, bool isBound = false) : Call(request)
{
    readonly TaskCompletionSource<Answer> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly List<Frame> _frames = new(1);

    /// <summary>The answer, for whoever awaits it to dispose.</summary>
    public Task<Answer> Completion => _done.Task;

    /// <inheritdoc/>
    public override bool Take(Frame frame)
    {
        if ((frame.Flags & FrameFlags.Fault) != 0)
        {
            Drop();
            _done.TrySetException(FaultOf(frame).ToException(store));
            return true;
        }

        _frames.Add(frame);
        if ((frame.Flags & FrameFlags.More) != 0)
            return false;
        answered?.Invoke(Request);
        var answer = new Answer([.. _frames]);
        _frames.Clear();
        if (!_done.TrySetResult(answer))
            answer.Dispose();
        return true;
    }

    /// <inheritdoc/>
    public override bool TryBeginAnew()
    {
        Drop();
        return !isBound && TrySendAgain();
    }

    /// <inheritdoc/>
    public override void Fail(Exception cause)
    {
        Drop();
        _done.TrySetException(cause is LineLostException ? new StoreUnavailableException(store, cause.Message, isTransient: true, cause) : cause);
    }

    void Drop()
    {
        foreach (var frame in _frames)
            frame.Release();
        _frames.Clear();
    }
}
