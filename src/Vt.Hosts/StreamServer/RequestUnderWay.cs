using Vt.Blocks.Encoding;
using Vt.Stores.Streams.Protocol;

namespace Vt.Hosts.StreamServer;

/// <summary>A request that is worked on.</summary>
sealed class RequestUnderWay : IDisposable
{
    readonly Frame _frame;
    readonly FrameSender _sender;
    readonly MemoryBudget _budget;
    readonly CancellationTokenSource _cancel;
    readonly SemaphoreSlim _credit = new(StreamLimits.Window);
    int _isReleased;

    /// <summary>Takes a frame over.</summary>
    public RequestUnderWay(Frame frame, FrameSender sender, MemoryBudget budget, CancellationToken session)
    {
        _frame = frame;
        _sender = sender;
        _budget = budget;
        _cancel = CancellationTokenSource.CreateLinkedTokenSource(session);
        (Id, Verb) = (frame.Id, frame.Verb);
        Cancelled = _cancel.Token;
    }

    /// <summary>The request's id.</summary>
    public uint Id { get; }

    /// <summary>What is asked.</summary>
    public StreamVerb Verb { get; }

    /// <summary>The work; set before anybody else sees the request.</summary>
    public Task Work { get; set; } = Task.CompletedTask;

    /// <summary>Cancelled when the client no longer wants it, or is gone.</summary>
    public CancellationToken Cancelled { get; }

    /// <summary>The frame, until <see cref="ReleaseFrame"/>.</summary>
    public Frame Frame => _frame;

    /// <summary>Gives the frame's memory back before the request is answered.</summary>
    public void ReleaseFrame()
    {
        if (Interlocked.Exchange(ref _isReleased, 1) == 0)
            _frame.Release();
    }

    /// <summary>The client no longer wants it.</summary>
    public void Cancel()
    {
        try
        {
            _cancel.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has just been answered.
        }
    }

    /// <summary>The client takes one frame more.</summary>
    public void Credit()
    {
        // A client that gives more than it was sent gains nothing: the sender's queue is bounded too.
        if (_credit.CurrentCount < StreamLimits.Window)
            _credit.Release();
    }

    /// <summary>Sends the whole answer.</summary>
    public async Task ReplyAsync(ByteWriter meta) =>
        await _sender.SendAsync(Frame.Make(Verb, FrameFlags.Reply, Id, meta.Written), Cancelled);

    /// <summary>Sends the whole answer.</summary>
    public async Task ReplyAsync(ReadOnlyMemory<byte> meta) =>
        await _sender.SendAsync(Frame.Make(Verb, FrameFlags.Reply, Id, meta.Span), Cancelled);

    /// <summary>Sends one frame of an answer that flows, as soon as the client takes it.</summary>
    public async Task FlowAsync(ByteWriter meta, bool isLast)
    {
        await _credit.WaitAsync(Cancelled);
        await _sender.SendAsync(Frame.Make(Verb, isLast ? FrameFlags.Reply : FrameFlags.Reply | FrameFlags.More, Id, meta.Written), Cancelled);
    }

    /// <summary>Takes memory for the work from what all sessions may hold.</summary>
    public ValueTask TakeMemoryAsync(int bytes) => _budget.TakeAsync(bytes, Cancelled);

    /// <summary>Gives it back.</summary>
    public void GiveMemory(int bytes) => _budget.Give(bytes);

    /// <summary>Sends a frame with blocks.</summary>
    /// <param name="length">About how long it will be, in bytes.</param>
    /// <param name="make">Makes it.</param>
    public async Task SendBlocksAsync(int length, Func<Frame> make)
    {
        await _budget.TakeAsync(length, Cancelled);
        var frame = make();
        frame.WhenReleased(() => _budget.Give(length));
        await _sender.SendAsync(frame, Cancelled);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ReleaseFrame();
        _cancel.Dispose();
        _credit.Dispose();
    }
}
