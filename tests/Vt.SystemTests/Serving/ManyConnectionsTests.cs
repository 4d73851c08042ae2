using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Vt.SystemTests.Commands;
using Vt.Tests.Support;

namespace Vt.SystemTests.Serving;

/// <summary>Ten thousand who connect at once and say nothing: held or sent away in bounded memory, and somebody who has a question is answered.</summary>
public sealed class ManyConnectionsTests : IDisposable
{
    const int Connections = 10_000;
    const long MostKib = 256 << 10;

    readonly TempFolder _folder = new();
    readonly VtCommand _vt;

    public ManyConnectionsTests()
    {
        _vt = new VtCommand(_folder["home"]);
        _vt.Succeed("init");
        File.WriteAllText(_folder.Make("source") + "/file", "content\n");
        _vt.Succeed("import", "-q", _folder["source"], _folder["a.vt"]);
        Shell.Succeed($"prlimit --pid {Environment.ProcessId} --nofile=20000:");
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("serve", "")]
    [InlineData("httpd", "127.0.0.1:0")]
    public void Where_there_is_room_for_them_they_are_held_and_others_are_served_meanwhile(string verb, string place) =>
        Try(verb, place, "--max-connections", "12000");

    [Theory]
    [InlineData("serve", "")]
    [InlineData("serve", "tcp:127.0.0.1:0")]
    [InlineData("httpd", "127.0.0.1:0")]
    public void Where_there_is_not_the_first_of_them_go_and_others_are_served_all_the_same(string verb, string place) => Try(verb, place);

    void Try(string verb, string place, params string[] more)
    {
        using var server = _vt.Start([verb, place.Length > 0 ? place : _folder["s.sock"], .. more]);
        var sockets = new List<Socket>(Connections);
        try
        {
            Shell.Succeed($"prlimit --pid {server.Id} --nofile=20000:");
            var said = server.StandardError.ReadLine()!;
            _ = server.StandardError.ReadToEndAsync();
            var port = place.Length > 0 ? int.Parse(Regex.Match(said, @"127\.0\.0\.1:([0-9]+)").Groups[1].Value, CultureInfo.InvariantCulture) : 0;
            for (var i = 0; i < Connections; i++)
                sockets.Add(Connect(port));
            Ask(verb, port);
            Assert.InRange(PeakKib(server), 1, MostKib);
            foreach (var socket in sockets)
                socket.Dispose();
            Ask(verb, port);
            Assert.False(server.HasExited);
            Assert.InRange(PeakKib(server), 1, MostKib);
        }
        finally
        {
            foreach (var socket in sockets)
                socket.Dispose();
            server.Kill();
            server.WaitForExit();
        }
    }

    Socket Connect(int port)
    {
        // A connection may be refused or cut at once: that is an answer too.
        var socket = port > 0
            ? new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
            : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(port > 0 ? new IPEndPoint(IPAddress.Loopback, port) : new UnixDomainSocketEndPoint(_folder["s.sock"]));
        }
        catch (SocketException)
        {
            // Refused.
        }

        return socket;
    }

    void Ask(string verb, int port)
    {
        if (verb == "httpd")
        {
            Shell.Succeed($"curl -sf --retry 30 --retry-delay 1 --retry-all-errors --max-time 20 -o /dev/null http://127.0.0.1:{port}/healthz");
            return;
        }

        // Until the server has seen that the others are gone it may say that it is busy, and that trying again may help.
        var store = port > 0 ? $"tcp:127.0.0.1:{port}" : _folder["s.sock"];
        var vt = $"HOME='{_folder["home"]}' VT_CONFIG='{_folder["home/vtrc"]}' '{VtCommand.Executable}' -S '{store}' cat '{_folder["a.vt"]}/file'";
        Assert.Equal("content", Shell.Succeed($"for i in $(seq 20); do {vt} 2>/dev/null && exit 0; sleep 1; done; {vt}"));
    }

    // The most that it ever had in memory.
    static long PeakKib(Process server)
    {
        var line = File.ReadLines($"/proc/{server.Id}/status").First(static line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
