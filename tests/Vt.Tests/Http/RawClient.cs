using System.Net.Sockets;
using System.Text;

namespace Vt.Tests.Http;

/// <summary>Sends bytes as they are.</summary>
static class RawClient
{
    /// <summary>Sends a request and gives all that comes until the server closes, up to a megabyte, as Latin-1.</summary>
    public static Task<string> AskAsync(Uri url, string request) => AskAsync(url, Encoding.Latin1.GetBytes(request));

    /// <summary>Sends a request and gives all that comes until the server closes, up to a megabyte, as Latin-1.</summary>
    public static async Task<string> AskAsync(Uri url, byte[] request)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var socket = new TcpClient();
        await socket.ConnectAsync(url.Host, url.Port, patience.Token);
        var stream = socket.GetStream();
        var answer = new byte[1 << 20];
        var length = 0;
        try
        {
            await stream.WriteAsync(request, patience.Token);
            for (int read; length < answer.Length && (read = await stream.ReadAsync(answer.AsMemory(length), patience.Token)) > 0;)
                length += read;
        }
        catch (IOException)
        {
            // The server has closed before it had read all: what it said counts.
        }

        return Encoding.Latin1.GetString(answer, 0, length);
    }
}
