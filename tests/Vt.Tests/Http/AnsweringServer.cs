using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Vt.Tests.Http;

/// <summary>A server that answers what it is told, be it nonsense, and closes the connection after each answer.</summary>
sealed class AnsweringServer : IAsyncDisposable
{
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly Func<string, byte[]> _answer;
    readonly CancellationTokenSource _stopped = new();
    readonly Task _serving;

    /// <summary>Begins to answer.</summary>
    /// <param name="answer">Makes the whole answer, of the request's first line.</param>
    public AnsweringServer(Func<string, byte[]> answer)
    {
        _answer = answer;
        _listener.Start();
        _serving = ServeAsync();
    }

    public Uri Url => new($"http://{_listener.LocalEndpoint}/");

    /// <summary>An answer with a body.</summary>
    public static byte[] Answer(string head, byte[] body, int? length = null) =>
        [.. Encoding.ASCII.GetBytes($"HTTP/1.1 {head}\r\nContent-Length: {length ?? body.Length}\r\nConnection: close\r\n\r\n"), .. body];

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        await _serving;
        _listener.Stop();
        _stopped.Dispose();
    }

    async Task ServeAsync()
    {
        while (true)
        {
            try
            {
                using var socket = await _listener.AcceptTcpClientAsync(_stopped.Token);
                using var reader = new StreamReader(socket.GetStream(), Encoding.Latin1, leaveOpen: true);
                var first = await reader.ReadLineAsync(_stopped.Token) ?? "";
                var length = 0;
                while (await reader.ReadLineAsync(_stopped.Token) is { Length: > 0 } header)
                {
                    if (header.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))
                        length = int.Parse(header[15..]);
                }

                for (var body = new char[length]; length > 0;)
                    length -= await reader.ReadAsync(body.AsMemory(0, length), _stopped.Token) is > 0 and var read ? read : length;
                await socket.GetStream().WriteAsync(_answer(first), _stopped.Token);
            }
            catch (Exception fault) when (fault is IOException or SocketException && !_stopped.IsCancellationRequested)
            {
                // The client has gone.
            }
            catch (Exception fault) when (_stopped.IsCancellationRequested && fault is OperationCanceledException or IOException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }
}
