using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Vt.Posix;
using Vt.SystemTests.Commands;

namespace Vt.SystemTests.Http;

/// <summary>nginx that hands out folders. Disposal ends it.</summary>
sealed class NginxServer : IDisposable
{
    readonly Process _process;

    /// <summary>Starts it and waits until it answers.</summary>
    /// <param name="own">An empty folder of its own.</param>
    /// <param name="probe">A path below the top that it has.</param>
    /// <param name="folders">Folders by the names that they have below the top.</param>
    public NginxServer(string own, string probe, params (string Name, string Folder)[] folders)
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        var locations = string.Concat(folders.Select(static one => $"location /{one.Name}/ {{ alias {one.Folder}/; }} "));
        File.WriteAllText(Path.Combine(own, "nginx.conf"), $$"""
            daemon off; pid {{own}}/pid; error_log {{own}}/error.log; worker_processes 1; {{(Environment.UserName == "root" ? "user root;" : "")}}
            events { worker_connections 512; }
            http {
              access_log off; sendfile on; client_body_temp_path {{own}}/b; proxy_temp_path {{own}}/p; fastcgi_temp_path {{own}}/f; uwsgi_temp_path {{own}}/u; scgi_temp_path {{own}}/s;
              server { listen 127.0.0.1:{{port}}; {{locations}}}
            }
            """);
        _process = Process.Start(new ProcessStartInfo("/usr/sbin/nginx", ["-e", Path.Combine(own, "error.log"), "-c", Path.Combine(own, "nginx.conf")]) { RedirectStandardError = true })!;
        Top = new Uri($"http://127.0.0.1:{port}/");
        Assert.Equal("200", Shell.Succeed($"curl -s --retry 20 --retry-delay 1 --retry-connrefused -o /dev/null -w '%{{http_code}}' {Top}{probe}"));
    }

    /// <summary>Where it is.</summary>
    public Uri Top { get; }

    /// <summary>Kills the process that answers; another takes its place.</summary>
    public void KillWorker()
    {
        foreach (var worker in File.ReadAllText($"/proc/{_process.Id}/task/{_process.Id}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
            Assert.Equal(Errno.OK, ProcessControl.TryKill(int.Parse(worker), ProcessControl.SIGKILL));
    }

    public void Dispose()
    {
        // By SIGKILL its workers would outlive it.
        if (!_process.HasExited)
            _ = ProcessControl.TryKill(_process.Id, ProcessControl.SIGTERM);
        _process.WaitForExit();
        _process.Dispose();
    }
}
