using System.Diagnostics;
using Vt.Blocks.Contracts;
using Vt.Stores.Streams.Protocol;
using Vt.Stores.Streams.Transport;

namespace Vt.Stores.Streams.Client;

/// <summary>
/// One line after its handshake: sends calls, hands answers to them, and finds out when the line is lost. It is lost once, and then tells so with
/// the calls that were not answered. Safe from any thread.
/// </summary>
sealed class StreamConnection : IAsyncDisposable
{
    static readonly TimeSpan _watch = TimeSpan.FromSeconds(1);

    readonly StreamLine _line;
    readonly FrameReader _reader;
    readonly FrameSender _sender;
    readonly TimeProvider _time;
    readonly IConnectionOwner _owner;
    readonly CancellationTokenSource _stop = new();
    readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Guards the calls, and whether the line is lost.
    readonly Lock _gate = new();
    readonly Dictionary<uint, Call> _calls = [];
    bool _isLost;
    bool _isLeaving;
    long _heard;
    Task _listening = Task.CompletedTask;
    Task _watching = Task.CompletedTask;

    /// <summary>Takes a line over whose handshake is done.</summary>
    /// <param name="line">The line.</param>
    /// <param name="reader">What reads its frames.</param>
    /// <param name="sender">What writes them.</param>
    /// <param name="welcome">What the server said.</param>
    /// <param name="time">The clock of silence.</param>
    /// <param name="owner">Told what becomes of it.</param>
    public StreamConnection(
        StreamLine line, FrameReader reader, FrameSender sender, Welcome welcome, TimeProvider time, IConnectionOwner owner)
    {
        _line = line;
        _reader = reader;
        _sender = sender;
        Welcome = welcome;
        _time = time;
        _owner = owner;
        _heard = time.GetTimestamp();
    }

    /// <summary>What the server said of itself.</summary>
    public Welcome Welcome { get; }

    /// <summary>Whether calls can be sent.</summary>
    public bool IsOpen
    {
        get
        {
            lock (_gate)
                return !_isLost && !_isLeaving;
        }
    }

    /// <summary>Begins to listen.</summary>
    public void Start()
    {
        // Neither may lose the line before it is known here.
        _listening = Task.Run(ListenAsync);
        _watching = Task.Run(WatchAsync);
    }

    /// <summary>Sends a call.</summary>
    /// <returns>Whether it was taken, and is this connection's until it is answered or the line is lost; not where the line is lost already, or the server is about to end.</returns>
    public async ValueTask<bool> TrySendAsync(Call call)
    {
        lock (_gate)
        {
            if (_isLost || _isLeaving)
                return false;

            // Silence counts from here on, where nothing was waited for.
            if (_calls.Count == 0)
                Volatile.Write(ref _heard, _time.GetTimestamp());
            _calls.Add(call.Id, call);
            call.Request.Hold();
        }

        // Where it is not taken any more the line is lost, and whoever is told that has the call.
        await _sender.SendAsync(call.Request, CancellationToken.None);
        return true;
    }

    /// <summary>Tells the server that nobody waits for an answer any more.</summary>
    public async ValueTask ForgetAsync(Call call)
    {
        lock (_gate)
        {
            if (_isLost || !_calls.Remove(call.Id))
                return;
        }

        call.Request.Release();
        await _sender.SendAsync(Frame.Make(StreamVerb.Cancel, FrameFlags.None, call.Id, default), CancellationToken.None);
    }

    /// <summary>Lets the server send one frame more of an answer.</summary>
    public async ValueTask AskForMoreAsync(Call call) =>
        await _sender.SendAsync(Frame.Make(StreamVerb.Credit, FrameFlags.None, call.Id, [1]), CancellationToken.None);

    /// <summary>Ends it, and with it what was not answered.</summary>
    public async ValueTask DisposeAsync()
    {
        Lose(new LineLostException("closed here"));
        await _ended.Task;
    }

    async Task ListenAsync()
    {
        try
        {
            while (await _reader.ReadAsync(Frame.HeaderLength + StreamLimits.LargestMeta + StreamLimits.LargestBulk, null, _stop.Token) is { } frame)
            {
                Volatile.Write(ref _heard, _time.GetTimestamp());
                if (frame.Verb == StreamVerb.Goodbye)
                {
                    frame.Release();
                    lock (_gate)
                        _isLeaving = true;
                    _owner.Leaving(this);
                    continue;
                }

                Take(frame);
            }

            throw new LineLostException(await _line.ReadLastWordsAsync() is { Length: > 0 } words ? words : "the server closed the connection");
        }
#pragma warning disable CA1031 // The end of a line: whatever ended it is told to the calls that it leaves.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            Lose(fault);
        }
    }

    void Take(Frame frame)
    {
        Call? call;
        lock (_gate)
            _calls.TryGetValue(frame.Id, out call);
        if (call is null)
        {
            // Of a call that was given up, or a sign of life.
            frame.Release();
            return;
        }

        if (frame.Verb != call.Request.Verb || (frame.Flags & FrameFlags.Reply) == 0)
        {
            frame.Release();
            throw new FormatInvalidException($"request {call.Id} was answered by verb {(int)frame.Verb}");
        }

        if (!call.Take(frame))
            return;
        lock (_gate)
        {
            if (!_calls.Remove(call.Id))
                return;
        }

        call.Request.Release();
    }

    // A server that works on a request says so every few seconds.
    async Task WatchAsync()
    {
        try
        {
            using var timer = new PeriodicTimer(_watch, _time);
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                bool waits;
                lock (_gate)
                    waits = _calls.Count > 0;
                if (_sender.Completion.IsFaulted)
                    Lose(_sender.Completion.Exception.GetBaseException());
                else if (waits && _time.GetElapsedTime(Volatile.Read(ref _heard)) > StreamLimits.SilenceLimit)
                    Lose(new LineLostException($"nothing was heard for {StreamLimits.SilenceLimit.TotalSeconds:0} seconds"));
            }
        }
        catch (OperationCanceledException)
        {
            // Lost.
        }
    }

    void Lose(Exception cause)
    {
        List<Call> left;
        lock (_gate)
        {
            if (_isLost)
                return;
            _isLost = true;
            left = [.. _calls.Values.OrderBy(static call => call.Id)];
            _calls.Clear();
        }

        _ = EndAsync();
        _owner.Lost(this, cause, left);
    }

    async Task EndAsync()
    {
        await Task.Yield();
        try
        {
            await _stop.CancelAsync();
            await _line.DisposeAsync();
            await _sender.DisposeAsync();
            await _listening;
            await _watching;
            _reader.Dispose();
            _stop.Dispose();
        }
        catch (Exception fault) when (fault is IOException or ObjectDisposedException or InvalidOperationException)
        {
            Debug.WriteLine(fault);
        }
        finally
        {
            _ended.TrySetResult();
        }
    }
}
