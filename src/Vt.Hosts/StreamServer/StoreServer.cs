using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Security.Authentication;
using Vt.Blocks.Contracts;
using Vt.Hosts.Listening;
using Vt.Stores.Streams.Protocol;
using Vt.Stores.Streams.Transport;

namespace Vt.Hosts.StreamServer;

/// <summary>
/// Serves stores over lines: unix sockets, TCP, or the streams of this process. Each client is a session; who is over the limits is told to come
/// again. Nobody keeps others out by saying nothing: of those who have not shown who they are, whoever came first goes when room is needed. Thread-safe.
/// </summary>
public sealed class StoreServer : IAsyncDisposable
{
    static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(100);

    readonly IReadOnlyList<StoreExport> _exports;
    readonly StoreServerOptions _options;
    readonly MemoryBudget _budget;
    readonly CancellationTokenSource _drain = new();

    // Clients come and go on many threads at once; none of them waits for another here.
    readonly ConcurrentDictionary<StreamLine, Task> _sessions = new();
    readonly ConcurrentBag<(Socket Socket, Task Door)> _doors = [];

    // Those for whom no line is made yet, and those who have one and have not shown who they are.
    readonly ArrivalOrder<Newcomer> _atDoor = new();
    readonly ArrivalOrder<Newcomer> _greeting = new();
    TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    int _count;

    /// <summary>Makes a server.</summary>
    /// <param name="exports">What it serves; the first is for who names none. Disposed with the server.</param>
    /// <param name="options">What it holds to; the defaults when null.</param>
    public StoreServer(IReadOnlyList<StoreExport> exports, StoreServerOptions? options = null)
    {
        ArgumentOutOfRangeException.ThrowIfZero(exports.Count);
        _exports = exports;
        _options = options ?? new StoreServerOptions();
        _budget = new MemoryBudget(_options.MostBytes);
    }

    /// <summary>How many clients are there now.</summary>
    public int Sessions => Volatile.Read(ref _count);

    /// <summary>Waits until so many clients are there as somebody wants.</summary>
    /// <param name="isWanted">Tells of a number of clients whether it is right.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    internal async Task WhenSessionsAsync(Predicate<int> isWanted, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            // Taken first: a change behind the look at the number completes it.
            var changed = Volatile.Read(ref _changed).Task;
            if (isWanted(Sessions))
                return;
            await changed.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Lets clients in that come to a socket.</summary>
    /// <param name="listening">The socket, bound and listening; closed with the server.</param>
    /// <param name="doorway">How they come in.</param>
    public void Open(Socket listening, Doorway doorway) => _doors.Add((listening, Task.Run(() => AcceptAsync(listening, doorway))));

    /// <summary>Serves one client that is there already, until it goes.</summary>
    /// <param name="line">Its line; disposed.</param>
    /// <param name="rights">What it may do.</param>
    /// <param name="key">What the key is for that it tells; null where that is nothing.</param>
    public Task ServeAsync(StreamLine line, ClientRights rights, SessionKey? key = null) => BeginAsync(line, rights, default, key);

    /// <summary>Waits until the last client has gone.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task WhenNobodyIsThereAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task[] sessions = [.. _sessions.Values];
            if (sessions.Length == 0)
                return;
            await Task.WhenAll(sessions).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (cancellationToken.IsCancellationRequested)
                return;
        }
    }

    /// <summary>Lets nobody in any more, and waits until what was begun is answered, for some time; what takes longer is cut off.</summary>
    /// <param name="patience">How long.</param>
    public async Task StopAsync(TimeSpan patience)
    {
        await _drain.CancelAsync();
        foreach (var (socket, _) in _doors)
            socket.Dispose();
        await Task.WhenAll(_doors.Select(static door => door.Door));
        Task[] sessions = [.. _sessions.Values];
        try
        {
            await Task.WhenAll(sessions).WaitAsync(patience, _options.Time);
        }
        catch (TimeoutException)
        {
            StreamLine[] lines = [.. _sessions.Keys];
            _options.Log($"{sessions.Count(static session => !session.IsCompleted)} clients are cut off");
            foreach (var line in lines)
                await line.DisposeAsync();
            await Task.WhenAll(sessions);
        }
    }

    /// <summary>Stops, at once where <see cref="StopAsync"/> was not called before, and closes the stores.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(TimeSpan.Zero);
        foreach (var export in _exports)
            await export.DisposeAsync();
        _drain.Dispose();
    }

    async Task AcceptAsync(Socket listening, Doorway doorway)
    {
        while (!_drain.IsCancellationRequested)
        {
            Socket socket;
            try
            {
                socket = await listening.AcceptAsync(_drain.Token);
            }
            catch (Exception fault) when (fault is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException fault)
            {
                // Too many open files, or a client that went as it came: neither ends the server.
                if (_drain.IsCancellationRequested)
                    return;
                _options.Log($"{doorway.Description}: {fault.Message}");
                await Task.Delay(_pause, _options.Time, CancellationToken.None);
                continue;
            }

            var newcomer = new Newcomer(_atDoor, _options.Patience, _drain.Token);
            if (_atDoor.Count > _options.MostGreetings)
                _ = Newcomer.TrySendAway(_atDoor);
            _ = LetInAsync(socket, doorway, newcomer);
        }
    }

    async Task LetInAsync(Socket socket, Doorway doorway, Newcomer newcomer)
    {
        await Task.Yield();
        using var leaving = newcomer;
        try
        {
            if (await doorway.LetInAsync(socket, newcomer.Token) is { } came)
                _ = BeginAsync(came.Line, came.Rights, came.Line is TlsLine { IsKnown: true } ? default : doorway.Secret, told: null);
        }
        catch (Exception fault) when (fault is IOException or AuthenticationException or OperationCanceledException or UserErrorException or SocketException)
        {
            // Of those who are sent away there may be thousands.
            if (newcomer.TryLeave())
                _options.Log($"{doorway.Description}: nobody came in: {fault.Message}");
            socket.Dispose();
        }
    }

    Task BeginAsync(StreamLine line, ClientRights rights, ReadOnlyMemory<byte> secret, SessionKey? told)
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var isOver = Interlocked.Increment(ref _count) > _options.MostConnections;
        if (isOver && Newcomer.TrySendAway(_greeting))
        {
            // The room is this one's from now on.
            Interlocked.Decrement(ref _count);
            isOver = false;
        }

        var newcomer = new Newcomer(isOver ? null : _greeting, _options.Patience, _drain.Token);
        var session = RunAsync(begun.Task, line, rights, secret, told, newcomer, isOver);
        _sessions[line] = session;
        TellChange();
        begun.SetResult();
        return session;
    }

    async Task RunAsync(Task begun, StreamLine line, ClientRights rights, ReadOnlyMemory<byte> secret, SessionKey? told, Newcomer newcomer, bool isOver)
    {
        await begun;
        using var leaving = newcomer;
        try
        {
            await using (line)
                await GreetAsync(line, rights, secret, told, newcomer, isOver);
        }
#pragma warning disable CA1031 // The boundary of a session: whatever ended it ended only this one.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            if (fault is not (OperationCanceledException or IOException or ObjectDisposedException))
                _options.Log($"a client was cut off: {fault.Message}");
        }
        finally
        {
            _sessions.TryRemove(line, out _);
            if (newcomer.TryLeave())
                Interlocked.Decrement(ref _count);
            TellChange();
        }
    }

    void TellChange() => Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    async Task GreetAsync(StreamLine line, ClientRights rights, ReadOnlyMemory<byte> secret, SessionKey? told, Newcomer newcomer, bool isOver)
    {
        using var reader = new FrameReader(line.Input, line.WaitsWithoutBuffer);
        var greeting = new Greeting(line, reader, secret);
        if (isOver)
        {
            await greeting.RefuseAsync(StreamFaultKind.Busy, $"{_options.MostConnections} clients are served already", newcomer.Token);
            return;
        }

        if (await greeting.HearAsync(newcomer.Token) is not var (hello, proof) || !newcomer.TryLeave())
            return;
        told?.Hear(hello.Nonce.Span);
        var mine = _exports.Where(export => rights.MayUse(export.Name)).ToArray();
        if (Array.Find(mine, export => hello.Export.Length == 0 || export.Name == hello.Export) is not { } export)
        {
            await greeting.RefuseAsync(
                StreamFaultKind.Refused, $"[{hello.Export}] is not served; there is {string.Join(", ", mine.Select(static export => $"[{export.Name}]"))}", newcomer.Token);
            return;
        }

        var access = export.Access < rights.Access ? export.Access : rights.Access;
        OpenedStore opened;
        try
        {
            opened = await export.UseAsync(newcomer.Token);
        }
        catch (Exception fault) when (fault is UserErrorException or StoreUnavailableException or FormatInvalidException)
        {
            _options.Log($"[{export.Name}] can't be opened: {fault.Message}");
            await greeting.RefuseAsync(
                fault is StoreUnavailableException { IsTransient: true } ? StreamFaultKind.UnavailableNow : StreamFaultKind.Unavailable, fault.Message, newcomer.Token);
            return;
        }

        try
        {
            await greeting.WelcomeAsync(WelcomeTo(opened, access, proof), newcomer.Token);
            await using var sender = new FrameSender(line.Output, _options.Patience);
            var handler = new RequestHandler(export, opened, access, hello.Session, [.. mine.Select(static export => export.Name)]);
            await using var session = new ServerSession(reader, sender, _budget, handler, _options);
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(_drain.Token, opened.Retired);
            await session.RunAsync(ended.Token);
        }
        finally
        {
            await export.ReleaseAsync(opened);
        }
    }

    static Welcome WelcomeTo(OpenedStore opened, ExportAccess access, byte[] proof) => new()
    {
        Version = StreamLimits.NewestVersion,
        Instance = opened.Instance,
        Description = opened.Store.Description,
        Access = access,
        Features = opened.Features,
        Hash = opened.Store.Hasher.Algorithm,
        Chunking = opened.Store.Chunking,
        Proof = proof,
        Capacity = opened.ReadCapacity(),
    };
}
