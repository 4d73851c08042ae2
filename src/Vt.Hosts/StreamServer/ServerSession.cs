using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Stores.Streams.Protocol;

namespace Vt.Hosts.StreamServer;

/// <summary>
/// One client after its greeting: reads its requests, has each worked on beside the others up to a number, and sends what comes of them. What a
/// session holds is bounded by that number, by the sender's queue and by the budget of all sessions.
/// </summary>
sealed class ServerSession : IAsyncDisposable
{
    static readonly TimeSpan _alive = StreamLimits.PingAfter;

    readonly FrameReader _reader;
    readonly FrameSender _sender;
    readonly MemoryBudget _budget;
    readonly RequestHandler _handler;
    readonly StoreServerOptions _options;
    readonly CancellationTokenSource _stop = new();
    readonly SemaphoreSlim _slots = new(StreamLimits.MostRequests);

    // Guards the requests under way.
    readonly Lock _gate = new();
    readonly Dictionary<uint, RequestUnderWay> _requests = [];

    /// <summary>Begins a session; <see cref="RunAsync"/> serves it.</summary>
    public ServerSession(FrameReader reader, FrameSender sender, MemoryBudget budget, RequestHandler handler, StoreServerOptions options)
    {
        _reader = reader;
        _sender = sender;
        _budget = budget;
        _handler = handler;
        _options = options;
    }

    /// <summary>Serves until the client goes, or <paramref name="drain"/> says that it is time.</summary>
    /// <param name="drain">No more requests are begun; those that were are answered.</param>
    /// <exception cref="FormatInvalidException">The client sent what is no frame.</exception>
    public async Task RunAsync(CancellationToken drain)
    {
        var watch = WatchAsync();
        _ = EndWithSenderAsync();
        try
        {
            await ReadRequestsAsync(drain);
        }
        catch (OperationCanceledException) when (drain.IsCancellationRequested)
        {
            await _sender.SendAsync(Frame.Make(StreamVerb.Goodbye, FrameFlags.None, 0, default), CancellationToken.None);
            await WhenAllAnsweredAsync();
            await _sender.FinishAsync();
        }
        finally
        {
            await _stop.CancelAsync();
            await WhenAllAnsweredAsync();
            await watch;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _stop.Dispose();
        _slots.Dispose();
        return default;
    }

    async Task ReadRequestsAsync(CancellationToken drain)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(drain, _stop.Token);
        while (await _reader.ReadAsync(Frame.HeaderLength + StreamLimits.LargestMeta + StreamLimits.LargestBulk, ReserveAsync, either.Token) is { } frame)
        {
            switch (frame.Verb)
            {
                case StreamVerb.Cancel:
                    Find(frame)?.Cancel();
                    break;
                case StreamVerb.Credit:
                    Find(frame)?.Credit();
                    break;
                case StreamVerb.Ping:
                    await _sender.SendAsync(Frame.Make(StreamVerb.Ping, FrameFlags.Reply, frame.Id, default), either.Token);
                    break;
                default:
                    await BeginAsync(frame, either.Token);
                    continue;
            }

            frame.Release();
        }
    }

    // A client to which nothing can be sent need not be heard any more.
    async Task EndWithSenderAsync()
    {
        await _sender.Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            await _stop.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // The session has ended otherwise.
        }
    }

    async ValueTask<Action> ReserveAsync(int count, CancellationToken cancellationToken)
    {
        await _budget.TakeAsync(count, cancellationToken);
        return () => _budget.Give(count);
    }

    RequestUnderWay? Find(Frame frame)
    {
        lock (_gate)
            return _requests.GetValueOrDefault(frame.Id);
    }

    async Task BeginAsync(Frame frame, CancellationToken cancellationToken)
    {
        try
        {
            await _slots.WaitAsync(cancellationToken);
        }
        catch
        {
            frame.Release();
            throw;
        }

        var request = new RequestUnderWay(frame, _sender, _budget, _stop.Token);
        lock (_gate)
        {
            if (!_requests.TryAdd(frame.Id, request))
            {
                frame.Release();
                throw new FormatInvalidException($"request {frame.Id} is under way already");
            }

            request.Work = Task.Run(() => WorkAsync(request), CancellationToken.None);
        }
    }

    async Task WorkAsync(RequestUnderWay request)
    {
        try
        {
            await _handler.AnswerAsync(request);
        }
#pragma warning disable CA1031 // The boundary of a request: whatever went wrong is the client's answer.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            if (fault is not (OperationCanceledException or BlockCorruptException or StoreUnavailableException or StoreFullException or ArgumentException or FormatInvalidException or NotSupportedException or UserErrorException))
                _options.Log($"request {request.Verb}: {fault}");
            await SendFaultAsync(request, fault);
        }
        finally
        {
            lock (_gate)
                _requests.Remove(request.Id);
            request.Dispose();
            _slots.Release();
        }
    }

    async Task SendFaultAsync(RequestUnderWay request, Exception fault)
    {
        using var meta = new ByteWriter();
        (fault is RequestFaultException { Fault: { } said } ? said : StreamFault.Of(fault)).Write(meta);
        try
        {
            await _sender.SendAsync(Frame.Make(request.Verb, FrameFlags.Reply | FrameFlags.Fault, request.Id, meta.Written), _stop.Token);
        }
        catch (OperationCanceledException)
        {
            // Nobody is there to be told.
        }
    }

    async Task WhenAllAnsweredAsync()
    {
        Task[] work;
        lock (_gate)
            work = [.. _requests.Values.Select(static request => request.Work)];
        await Task.WhenAll(work);
    }

    // A client that waits for an answer has to hear something now and then; one that takes nothing is not waited for.
    async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(_alive, _options.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                int under;
                lock (_gate)
                    under = _requests.Count;
                if (under > 0)
                    await _sender.SendAsync(Frame.Make(StreamVerb.Ping, FrameFlags.Reply, 0, default), _stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The session ends.
        }
    }
}
