using Vt.Blocks.Contracts;
using Vt.Stores.Streams.Protocol;

namespace Vt.Stores.Streams.Client;

/// <summary>
/// A lasting connection to a server: makes lines, makes them again when they are lost, and sends what was not answered once more. Safe from any thread.
/// </summary>
/// <remarks>
/// <para>Invariants:</para>
/// <para>1. A call that was taken is with the current connection, in the queue, answered, or failed; exactly one of these.</para>
/// <para>2. What a server has answered well and not made durable is kept in <see cref="Unflushed"/>, and the names of what it said to have. A new line is used only after that is all there
/// again, so a flush that is answered is a promise for all adds that were, and all blocks that were said to be there.</para>
/// <para>3. The queue is empty whenever there is a current connection.</para>
/// <code>
/// idle --call, warming--> connecting --welcome--> restoring --all there--> up --lost--> idle, or connecting where calls are left
///                             |  patience is over                |
///                             +--> down (calls fail) &lt;-----------+   down --pause is over, a call--> connecting, once
/// </code>
/// </remarks>
sealed class StreamLink : IConnectionOwner, IAsyncDisposable
{
    static readonly TimeSpan _shortestPause = TimeSpan.FromMilliseconds(50);
    static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(2);
    static readonly TimeSpan _longestRest = TimeSpan.FromSeconds(30);

    readonly Handshake _handshake;
    readonly StreamClientOptions _options;
    readonly string _description;
    readonly CancellationTokenSource _stop = new();
    SemaphoreSlim? _slots;
    Welcome? _first;

    // Guards all below.
    readonly Lock _gate = new();
    readonly List<Call> _queue = [];
    readonly HashSet<StreamConnection> _leaving = [];
    StreamConnection? _connection;
    Task? _connecting;
    Exception? _whyDown;
    long _downSince;
    int _failedSeries;
    bool _isDisposed;
    bool _hasArrived;
    int _underWay;
    int _doubts;
    int _settled;

    StreamLink(Handshake handshake, StreamClientOptions options, string description)
    {
        _handshake = handshake;
        _options = options;
        _description = description;
    }

    /// <summary>What the server said at first: what later ones have to agree with.</summary>
    public Welcome First => _first!;

    /// <summary>Which opened store of the server's it is that has the blocks of <see cref="Unflushed"/>.</summary>
    public Guid Instance { get; private set; }

    /// <summary>Why nothing more can be written: what a server had taken is lost, and can't be put back. Null while all is well.</summary>
    public Exception? WriteFailure { get; private set; }

    /// <summary>
    /// How often a store that was new at the server had not got a block that the one before was said to have. It may come yet: who added it may be on the way with it, over another line.
    /// </summary>
    public int Doubts => Volatile.Read(ref _doubts);

    /// <summary>Whether there are doubts that are not settled.</summary>
    public bool IsInDoubt => Doubts != Volatile.Read(ref _settled);

    /// <summary>How many calls were made and are not over.</summary>
    public int UnderWay => Volatile.Read(ref _underWay);

    /// <summary>Whether there is a connection, so that a call goes out at once.</summary>
    public bool IsUp
    {
        get
        {
            lock (_gate)
                return _connection is not null;
        }
    }

    /// <summary>Whether its first connection is being made, at the first attempt: it may be of use in a moment.</summary>
    public bool IsArriving
    {
        get
        {
            lock (_gate)
                return _connecting is not null && !_hasArrived;
        }
    }

    /// <summary>Called when <see cref="IsArriving"/> is over, whatever came of it. To be set before the link is used.</summary>
    public Action? OnArrival { get; set; }

    /// <summary>What was added over this link, or said to be there, and may not be durable yet.</summary>
    public Unflushed Unflushed { get; } = new();

    /// <summary>Connects for the first time.</summary>
    /// <exception cref="StoreUnavailableException">It did not work.</exception>
    public static async Task<StreamLink> OpenAsync(Handshake handshake, StreamClientOptions options, string description, CancellationToken cancellationToken)
    {
        var link = new StreamLink(handshake, options, description);
        var connection = await link.ConnectFirstAsync(cancellationToken);
        link.Take(connection.Welcome);
        link._connection = connection;
        connection.Start();
        return link;
    }

    /// <summary>One more link to the same server, which connects when it is used or warmed.</summary>
    /// <param name="handshake">How, where it is not as this one does.</param>
    public StreamLink Another(Handshake? handshake = null)
    {
        var link = new StreamLink(handshake ?? _handshake, _options, _description);
        link.Take(First);
        return link;
    }

    /// <summary>Begins to connect, where there is no connection, none is being made, and it is not too soon to try again. Nobody is told where that fails.</summary>
    /// <returns>Whether it began.</returns>
    public bool TryWarm()
    {
        lock (_gate)
        {
            if (_connection is not null || _connecting is not null || _isDisposed || IsResting)
                return false;
            EnsureConnecting();
            return true;
        }
    }

    void Take(Welcome first)
    {
        _first = first;
        Instance = first.Instance;
        _slots = new SemaphoreSlim(first.MostRequests);
    }

    // A server that was there and ended in the midst of the greeting is about to be there again; one that was not there at all is none.
    async Task<StreamConnection> ConnectFirstAsync(CancellationToken cancellationToken)
    {
        var pause = _shortestPause;
        while (true)
        {
            try
            {
                return await _handshake.ConnectAsync(_options.Time, this, cancellationToken);
            }
            catch (StoreUnavailableException fault) when (fault is { IsTransient: true, InnerException: IOException } && pause < _longestPause)
            {
                await Task.Delay(pause, _options.Time, cancellationToken);
                pause *= 2;
            }
        }
    }

    /// <summary>Refuses to go on where what was written is not what it was promised to be.</summary>
    /// <exception cref="StoreUnavailableException">It is not.</exception>
    public void ThrowIfWriteFailed()
    {
        if (WriteFailure is { } cause)
            throw new StoreUnavailableException(_description, $"nothing more can be written: {cause.Message}", isTransient: false, cause);
    }

    /// <summary>Blocks of which it was doubted whether they are there were found.</summary>
    /// <param name="doubts">How many <see cref="Doubts"/> there were before they were looked for.</param>
    public void Settle(int doubts) => Volatile.Write(ref _settled, doubts);

    /// <summary>Blocks that are counted on are lost: nothing more is written.</summary>
    public void FailWrites(Exception cause) => WriteFailure ??= cause;

    /// <summary>Makes a call and waits for its answer.</summary>
    /// <param name="call">The call; whatever comes of it, its request is released by this link once.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="StoreUnavailableException">There is no connection, and none was made in time.</exception>
    public async Task<Answer> CallAsync(SingleCall call, CancellationToken cancellationToken)
    {
        await TakeSlotAsync(call, cancellationToken);
        try
        {
            await SubmitAsync(call);
            return await call.Completion.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await ForgetAsync(call);
            DisposeWhenAnswered(call);
            throw;
        }
        finally
        {
            GiveSlotBack();
        }
    }

    /// <summary>Makes a call whose answer flows.</summary>
    /// <param name="call">The call; whatever comes of it, its request is released by this link once. <see cref="EndAsync"/> has to follow.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task BeginAsync(FlowingCall call, CancellationToken cancellationToken)
    {
        await TakeSlotAsync(call, cancellationToken);
        await SubmitAsync(call);
    }

    /// <summary>Lets the server send one frame more of a flowing answer.</summary>
    public async ValueTask AskForMoreAsync(FlowingCall call)
    {
        StreamConnection? connection;
        lock (_gate)
            connection = _connection;
        if (connection is not null)
            await connection.AskForMoreAsync(call);
    }

    /// <summary>Ends a flowing call, whether or not all of it was read.</summary>
    public async ValueTask EndAsync(FlowingCall call)
    {
        await ForgetAsync(call);
        call.Drop();
        GiveSlotBack();
    }

    /// <inheritdoc/>
    public void Leaving(StreamConnection connection)
    {
        lock (_gate)
        {
            if (_connection == connection)
                _connection = null;
            _leaving.Add(connection);
        }
    }

    /// <inheritdoc/>
    public void Lost(StreamConnection connection, Exception cause, List<Call> left)
    {
        var failed = new List<Call>();
        lock (_gate)
        {
            if (_connection == connection)
                _connection = null;
            _leaving.Remove(connection);
            foreach (var call in left)
            {
                if (!_isDisposed && call.TryBeginAnew())
                    _queue.Add(call);
                else
                    failed.Add(call);
            }

            if (_queue.Count > 0)
                EnsureConnecting();
        }

        Fail(failed, cause as LineLostException ?? new LineLostException(cause.Message, cause));
    }

    /// <summary>Ends the link; calls under way fail.</summary>
    public async ValueTask DisposeAsync()
    {
        List<StreamConnection> connections;
        Task? connecting;
        List<Call> left;
        lock (_gate)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            (connections, connecting) = ([.. _leaving], _connecting);
            if (_connection is not null)
                connections.Add(_connection);
            left = [.. _queue];
            _queue.Clear();
        }

        await _stop.CancelAsync();
        Fail(left, new ObjectDisposedException(_description));
        foreach (var connection in connections)
            await connection.DisposeAsync();
        if (connecting is not null)
            await connecting;
        Unflushed.Drop(Unflushed.Now);
        _stop.Dispose();
        _slots?.Dispose();
    }

    async ValueTask TakeSlotAsync(Call call, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _underWay);
        try
        {
            await _slots!.WaitAsync(cancellationToken);
        }
        catch
        {
            Interlocked.Decrement(ref _underWay);
            call.Request.Release();
            throw;
        }
    }

    void GiveSlotBack()
    {
        _slots!.Release();
        Interlocked.Decrement(ref _underWay);
    }

    async ValueTask SubmitAsync(Call call)
    {
        while (true)
        {
            StreamConnection? connection;
            Exception? refusal = null;
            lock (_gate)
            {
                connection = _connection;
                if (_isDisposed)
                    refusal = new ObjectDisposedException(_description);
                else if (connection is null && IsResting)
                    refusal = Unreachable(_whyDown!);
                else if (connection is null)
                    _queue.Add(call);
                if (connection is null && refusal is null)
                    EnsureConnecting();
            }

            if (refusal is not null)
                Fail([call], refusal);
            if (connection is null || await connection.TrySendAsync(call))
                return;
        }
    }

    async ValueTask ForgetAsync(Call call)
    {
        StreamConnection? connection;
        lock (_gate)
        {
            connection = _connection;
            if (_queue.Remove(call))
            {
                call.Request.Release();
                return;
            }
        }

        if (connection is not null)
            await connection.ForgetAsync(call);
    }

    // After a series of attempts that came to nothing calls fail at once for a while, rather than each waiting as long again.
    bool IsResting => _whyDown is not null && _options.Time.GetElapsedTime(_downSince) < RestAfter(_failedSeries);

    static TimeSpan RestAfter(int series)
    {
        var rest = TimeSpan.FromSeconds(Math.Min(_longestRest.TotalSeconds, Math.Pow(2, Math.Min(series, 10) - 1)));
        return rest < _longestRest ? rest : _longestRest;
    }

    void EnsureConnecting() => _connecting ??= Task.Run(ConnectAsync);

    async Task ConnectAsync()
    {
        try
        {
            while (!await TryUseAsync(await MakeConnectionAsync()))
                _stop.Token.ThrowIfCancellationRequested();
            EndArrival();
        }
#pragma warning disable CA1031 // The end of a series of attempts: whatever ended it is told to the calls that wait for it.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            List<Call> left;
            lock (_gate)
            {
                _connecting = null;
                (_whyDown, _downSince) = (fault, _options.Time.GetTimestamp());
                _failedSeries++;
                left = [.. _queue];
                _queue.Clear();
            }

            Fail(left, Unreachable(fault));
            EndArrival();
        }
    }

    void EndArrival()
    {
        lock (_gate)
        {
            if (_hasArrived)
                return;
            _hasArrived = true;
        }

        OnArrival?.Invoke();
    }

    async Task<StreamConnection> MakeConnectionAsync()
    {
        var began = _options.Time.GetTimestamp();
        var pause = _shortestPause;
        while (true)
        {
            try
            {
                var connection = await _handshake.ConnectAsync(_options.Time, this, _stop.Token);
                connection.Start();
                try
                {
                    await RestoreAsync(connection);
                    return connection;
                }
                catch
                {
                    await connection.DisposeAsync();
                    throw;
                }
            }
            catch (Exception fault) when (fault is StoreUnavailableException { IsTransient: true } or IOException)
            {
                if (_failedSeries > 0 || _options.Time.GetElapsedTime(began) + pause > _options.Patience)
                    throw;
                EndArrival();
            }

            // Full jitter: many clients of a server that comes back do not all come at once.
            await Task.Delay((pause / 2) + (pause / 2 * Random.Shared.NextDouble()), _options.Time, _stop.Token);
            pause = pause * 2 < _longestPause ? pause * 2 : _longestPause;
        }
    }

    /// <summary>Sends what waits, and makes the connection the current one.</summary>
    /// <returns>False where it was lost before; what it left is in the queue again.</returns>
    async Task<bool> TryUseAsync(StreamConnection connection)
    {
        while (true)
        {
            List<Call> waiting;
            lock (_gate)
            {
                if (!connection.IsOpen)
                    return false;
                waiting = [.. _queue];
                _queue.Clear();
                if (waiting.Count == 0)
                {
                    (_connection, _connecting, _whyDown, _failedSeries) = (connection, null, null, 0);
                    return true;
                }
            }

            for (var i = 0; i < waiting.Count; i++)
            {
                if (await connection.TrySendAsync(waiting[i]))
                    continue;
                lock (_gate)
                    _queue.InsertRange(0, waiting[i..]);
                return false;
            }
        }
    }

    /// <summary>Sees to it that a server that was started anew has what its predecessor had taken.</summary>
    async Task RestoreAsync(StreamConnection connection)
    {
        var welcome = connection.Welcome;
        if (welcome.Hash != First.Hash || welcome.Chunking != First.Chunking)
            throw new StoreUnavailableException(_description, "the server has another store now, with other hashes or cuts");
        if (welcome.Instance == Instance)
            return;
        var done = 0L;
        do
        {
            var frames = Unflushed.HoldAll(done, out done);
            try
            {
                await RestoreAsync(connection, frames);
            }
            catch (Exception fault) when (fault is StoreFullException or StoreUnavailableException { IsTransient: false })
            {
                // What was read can be read on; what was written is not what it was promised to be.
                WriteFailure ??= fault;
            }
            finally
            {
                foreach (var frame in frames)
                    frame.Release();
            }
        }
        while (!Unflushed.TryAt(done, () => Instance = welcome.Instance));
    }

    async Task RestoreAsync(StreamConnection connection, Frame[] frames)
    {
        foreach (var frame in frames)
        {
            if (WriteFailure is not null)
                return;
            frame.Hold();
            var call = new SingleCall(frame, _description, isBound: true);
            if (!await connection.TrySendAsync(call))
            {
                frame.Release();
                throw new LineLostException("the connection was lost as soon as it was made");
            }

            using var answer = await AwaitRestoredAsync(call);
            if (frame.Verb == StreamVerb.Contains && !PresenceBits.AreAllSet(answer.Meta, NameList.CountOf(frame.Meta)))
                Interlocked.Increment(ref _doubts);
        }
    }

    // A server may work on it for ever and say so; the link's end is not to wait for that.
    async Task<Answer> AwaitRestoredAsync(SingleCall call)
    {
        try
        {
            return await call.Completion.WaitAsync(_stop.Token);
        }
        catch (OperationCanceledException)
        {
            DisposeWhenAnswered(call);
            throw;
        }
    }

    static void DisposeWhenAnswered(SingleCall call) => _ = call.Completion.ContinueWith(
        static done => done.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);

    Exception Unreachable(Exception cause) => cause is StoreUnavailableException { IsTransient: false } or UserErrorException
        ? cause
        : new StoreUnavailableException(_description, $"not reachable: {cause.Message}", isTransient: true, cause);

    static void Fail(List<Call> calls, Exception cause)
    {
        foreach (var call in calls)
        {
            call.Fail(cause);
            call.Request.Release();
        }
    }
}
