using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Vt.SystemTests.Commands;
using Vt.Tests.Support;

namespace Vt.SystemTests.Serving;

/// <summary>An sshd of a test's own, on the loopback, with keys that nobody else has.</summary>
sealed class SshServer : IDisposable
{
    readonly TempFolder _folder = new();
    readonly Process _process;
    readonly Task _reading;

    /// <param name="further">Lines for its settings.</param>
    public SshServer(string further = "")
    {
        Directory.CreateDirectory("/run/sshd");
        foreach (var key in (string[])["host", "user"])
            Shell.Succeed($"ssh-keygen -q -t ed25519 -N '' -f '{_folder[key]}'");
        var port = FreePort();
        _folder.Write("sshd_config", $"""
            ListenAddress 127.0.0.1
            Port {port}
            HostKey {_folder["host"]}
            AuthorizedKeysFile {_folder["user.pub"]}
            PidFile none
            UsePAM no
            StrictModes no
            PasswordAuthentication no
            MaxStartups 100
            {further}

            """);
        _folder.Write("known_hosts", $"[127.0.0.1]:{port} {File.ReadAllText(_folder["host.pub"])}");
        _folder.Write("ssh_config", $"""
            Host test
                HostName 127.0.0.1
                Port {port}
                IdentityFile {_folder["user"]}
                UserKnownHostsFile {_folder["known_hosts"]}
                StrictHostKeyChecking yes

            """);
        _process = Process.Start(new ProcessStartInfo("/usr/sbin/sshd", ["-D", "-e", "-f", _folder["sshd_config"]]) { RedirectStandardError = true })!;
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _reading = ReadAsync(ready);
        ready.Task.Wait();
        Assert.False(_process.HasExited, "sshd can't be started");
    }

    async Task ReadAsync(TaskCompletionSource ready)
    {
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            if (line.Contains("Server listening", StringComparison.Ordinal))
                ready.SetResult();
        }

        ready.TrySetResult();
    }

    /// <summary>Settings for ssh, in which the machine is called <c>test</c>.</summary>
    public string Config => _folder["ssh_config"];

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _reading.Wait();
        _process.Dispose();
        _folder.Dispose();
    }

    static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
