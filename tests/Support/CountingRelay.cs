using System.Net;
using System.Net.Sockets;

namespace Vt.Tests.Support;

/// <summary>
/// Stands between clients and a server, counts what goes through, and breaks the lines in the middle of it where a test plans that. Thread-safe.
/// </summary>
public sealed class CountingRelay : IDisposable
{
    static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);

    readonly Socket _listening;
    readonly EndPoint _target;

    // Guards what follows; told when any of it changes.
    readonly object _changed = new();
    readonly HashSet<Socket> _open = [];
    readonly Queue<long> _places = new();
    (Func<Task> Kill, Func<Task> Start) _server = (static () => Task.CompletedTask, static () => Task.CompletedTask);
    bool _isInAnswers;
    bool _isBroken;
    long _passed;
    long _sinceBreak;
    int _breaks;
    int _refused;
    Exception? _fault;

    /// <summary>Begins to pass on between unix sockets.</summary>
    /// <param name="path">The socket for clients.</param>
    /// <param name="target">The server's.</param>
    public CountingRelay(string path, string target)
        : this(new UnixDomainSocketEndPoint(path), new UnixDomainSocketEndPoint(target)) => Path = path;

    /// <summary>Begins to pass on, from a port of the loopback that is free.</summary>
    /// <param name="port">The server's port there.</param>
    public CountingRelay(int port)
        : this(new IPEndPoint(IPAddress.Loopback, 0), new IPEndPoint(IPAddress.Loopback, port))
    {
    }

    CountingRelay(EndPoint door, EndPoint target)
    {
        _target = target;
        _listening = NewSocket(door);
        _listening.Bind(door);
        _listening.Listen(64);
        _ = AcceptAsync();
    }

    /// <summary>The socket for clients; empty where it is a port.</summary>
    public string Path { get; } = "";

    /// <summary>The port for clients.</summary>
    public int Port => ((IPEndPoint)_listening.LocalEndPoint!).Port;

    /// <summary>How many times the lines were broken.</summary>
    public int Breaks
    {
        get
        {
            lock (_changed)
                return _fault is null ? _breaks : throw new InvalidOperationException("the server can't be killed or started", _fault);
        }
    }

    /// <summary>Breaks all lines when so many bytes went through; no byte behind that is passed on.</summary>
    /// <param name="isInAnswers">Whether the bytes that count are the server's, or the clients'.</param>
    /// <param name="kill">What is done to the server while the lines are still there.</param>
    /// <param name="start">What is done when they are gone; until it is through, whoever comes is sent away.</param>
    /// <param name="places">How many bytes, each counted from the break before.</param>
    public void BreakAt(bool isInAnswers, Func<Task> kill, Func<Task> start, params IEnumerable<long> places)
    {
        lock (_changed)
        {
            (_isInAnswers, _server, _sinceBreak) = (isInAnswers, (kill, start), 0);
            foreach (var place in places)
                _places.Enqueue(place);
        }
    }

    /// <summary>Waits until one more client was sent away.</summary>
    public Task AwaitRefusalAsync() => Task.Run(() =>
    {
        lock (_changed)
        {
            var before = _refused;
            Await(() => _refused > before, "nobody comes again");
        }
    });

    /// <summary>How many bytes went through, both ways together, since this was asked last.</summary>
    public long Take()
    {
        lock (_changed)
            return Interlocked.Exchange(ref _passed, 0);
    }

    /// <summary>Waits until so many bytes have gone through.</summary>
    public void WaitFor(long bytes)
    {
        lock (_changed)
            Await(() => _passed >= bytes, "nothing goes through");
    }

    public void Dispose()
    {
        _listening.Dispose();
        CloseAll();
    }

    static Socket NewSocket(EndPoint end) => new(end.AddressFamily, SocketType.Stream, end is IPEndPoint ? ProtocolType.Tcp : ProtocolType.Unspecified);

    void Await(Func<bool> isSo, string otherwise)
    {
        while (!isSo())
        {
            if (!Monitor.Wait(_changed, _patience))
                throw new TimeoutException(otherwise);
        }
    }

    async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listening.AcceptAsync();
                var server = NewSocket(_target);
                if (!TryOpen(await TryConnectAsync(server), client, server))
                {
                    client.Dispose();
                    server.Dispose();
                    continue;
                }

                _ = PassAsync(client, server, isAnswer: false);
                _ = PassAsync(server, client, isAnswer: true);
            }
        }
        catch (Exception fault) when (fault is SocketException or ObjectDisposedException)
        {
            // The end.
        }
    }

    async Task<bool> TryConnectAsync(Socket server)
    {
        try
        {
            await server.ConnectAsync(_target);
            return true;
        }
        catch (SocketException)
        {
            // It is started anew just now.
            return false;
        }
    }

    bool TryOpen(bool isThere, Socket client, Socket server)
    {
        lock (_changed)
        {
            if (isThere && !_isBroken)
                return _open.Add(client) && _open.Add(server);
            _refused++;
            Monitor.PulseAll(_changed);
            return false;
        }
    }

    async Task PassAsync(Socket from, Socket to, bool isAnswer)
    {
        var buffer = new byte[256 << 10];
        try
        {
            while (await from.ReceiveAsync(buffer) is var count and > 0)
            {
                var (passing, isBreak) = Count(count, isAnswer);
                for (var sent = 0; sent < passing;)
                    sent += await to.SendAsync(buffer.AsMemory(sent, passing - sent));
                if (isBreak)
                    await BreakAsync();
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception fault) when (fault is SocketException or ObjectDisposedException)
        {
            from.Dispose();
            to.Dispose();
        }
    }

    (int Passing, bool IsBreak) Count(int count, bool isAnswer)
    {
        lock (_changed)
        {
            // What comes after the break goes nowhere.
            if (_isBroken)
                return (0, false);
            _passed += count;
            Monitor.PulseAll(_changed);
            if (isAnswer != _isInAnswers || _places.Count == 0)
                return (count, false);
            _sinceBreak += count;
            if (_sinceBreak < _places.Peek())
                return (count, false);
            var beyond = (int)(_sinceBreak - _places.Dequeue());
            (_isBroken, _sinceBreak) = (true, 0);
            return (count - beyond, true);
        }
    }

    async Task BreakAsync()
    {
        await TryAsync(_server.Kill);
        CloseAll();
        lock (_changed)
            _breaks++;
        await TryAsync(_server.Start);
        lock (_changed)
            _isBroken = false;
    }

    // Who asks for the breaks is told.
    async Task TryAsync(Func<Task> action)
    {
        var done = action();
        await Task.WhenAny(done);
        lock (_changed)
            _fault ??= done.Exception;
    }

    void CloseAll()
    {
        lock (_changed)
        {
            foreach (var socket in _open)
                socket.Dispose();
            _open.Clear();
        }
    }
}
