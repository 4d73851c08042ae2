using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Vt.Benchmarks.Commands;

/// <summary>An sshd on the loopback with keys of its own, and the settings by which ssh and scp reach it.</summary>
sealed class SshSite : IDisposable
{
    readonly string _folder;
    readonly Process _server;

    SshSite(string folder, int port, Process server)
    {
        _folder = folder;
        Port = port;
        _server = server;
    }

    /// <summary>Where it listens.</summary>
    public int Port { get; }

    public static SshSite Start(string folder)
    {
        int port;
        using (var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            port = ((IPEndPoint)socket.LocalEndPoint!).Port;
        }

        Command.Run($"mkdir -p /run/sshd; cd '{folder}'; ssh-keygen -q -t ed25519 -N '' -f host; ssh-keygen -q -t ed25519 -N '' -f user");
        File.WriteAllText($"{folder}/sshd_config", $"""
            ListenAddress 127.0.0.1
            Port {port}
            HostKey {folder}/host
            AuthorizedKeysFile {folder}/user.pub
            PidFile none
            UsePAM no
            StrictModes no
            MaxStartups 100
            Subsystem sftp internal-sftp

            """);
        var site = new SshSite(folder, port, Process.Start("/usr/sbin/sshd", ["-D", "-f", $"{folder}/sshd_config"]));
        Command.Run($"for i in $(seq 50); do ssh -F '{site.ConfigFor(port)}' test true && break; sleep 0.1; done");
        return site;
    }

    /// <summary>A file of settings in which the machine is called <c>test</c>.</summary>
    /// <param name="port">By which port it is reached.</param>
    public string ConfigFor(int port)
    {
        var file = $"{_folder}/ssh_config.{port}";
        File.WriteAllText(file, $"""
            Host test
                HostName 127.0.0.1
                Port {port}
                IdentityFile {_folder}/user
                UserKnownHostsFile /dev/null
                StrictHostKeyChecking no
                LogLevel ERROR

            """);
        return file;
    }

    public void Dispose()
    {
        _server.Kill(entireProcessTree: true);
        _server.WaitForExit();
        _server.Dispose();
    }
}
