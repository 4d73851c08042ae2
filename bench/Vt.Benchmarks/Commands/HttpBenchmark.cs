using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Vt.Benchmarks.Commands;

/// <summary>Files of a tree that <c>vt httpd</c> serves, whole and in ranges, against nginx serving the plain files; and the memory in which it holds a thousand connections.</summary>
static class HttpBenchmark
{
    const int Rounds = 3;
    const int Mebibytes = 64;
    const int Held = 1000;
    const int AtOnce = 8;

    static readonly string[] _contents = ["noise.bin", "text.txt"];

    public static void Run(Bench bench)
    {
        if (!Command.Has("nginx") || !Command.Has("ab"))
        {
            bench.Report.Note("HTTP", "", "no nginx or no ab");
            return;
        }

        var folder = bench.Fresh("http");
        Command.Run($"chmod 755 {folder}; mkdir {folder}/tree; : > {folder}/vtrc; head -c {Mebibytes}M /dev/urandom > {folder}/tree/noise.bin");
        Command.Run($"(find {bench.Corpus}/v1 -name '*.[ch]' -print0 | sort -z | xargs -0 cat || true) 2>/dev/null | head -c {Mebibytes}M > {folder}/tree/text.txt");
        var vt = $"env VT_STORE={folder}/store VT_CONFIG={folder}/vtrc {bench.Vt}";
        Command.Run($"{vt} init");
        var tree = Uri.EscapeDataString(Command.Output($"{vt} save {folder}/tree"));
        using (var server = new ServerProcess($"{vt} httpd 127.0.0.1:0 --max-connections {Held + 100}"))
            Measure(bench, server, $"d/{tree}", folder);
        Directory.Delete(folder, recursive: true);
    }

    static void Measure(Bench bench, ServerProcess server, string tree, string folder)
    {
        var line = server.ReadLine();
        var address = new Uri(line[(line.LastIndexOf(" at ", StringComparison.Ordinal) + 4)..] + "/");
        using var nginx = StartNginx(folder, out var plain);
        foreach (var content in _contents)
            Compare(bench, content, new Uri(address, $"{tree}/{content}"), new Uri(plain, content), $"{folder}/tree/{content}");
        bench.Report.AtMost($"HTTP: memory with {Held} connections that ask for {Mebibytes} MiB and read nothing", Hold(server, new Uri(address, $"{tree}/noise.bin")) / (1 << 20), "MiB", 256);
    }

    static void Compare(Bench bench, string content, Uri ours, Uri theirs, string file)
    {
        foreach (var url in (Uri[])[ours, theirs])
            Command.Run($"curl -sf '{url.AbsoluteUri}' | cmp - {file}; curl -sf -r 1000000-1004095 '{url.AbsoluteUri}' | cmp - <(tail -c +1000001 {file} | head -c 4096)");
        var (one, other) = InTurn(() => Download(ours), () => Download(theirs));
        bench.Report.RatioAtLeast($"HTTP: /d/, {Mebibytes} MiB of {content}, one download", one, other, "MB/s", 0.5, "nginx");
        (one, other) = InTurn(() => Requests(ours, 40, "") * (Mebibytes << 20) / 1e6, () => Requests(theirs, 40, "") * (Mebibytes << 20) / 1e6);
        bench.Report.RatioAtLeast($"HTTP: /d/, {Mebibytes} MiB of {content}, {AtOnce} at once", one, other, "MB/s", 0.5, "nginx");
        foreach (var kibibytes in (int[])[4, 64, 1024])
        {
            var range = $"-H 'Range: bytes=1000000-{1000000 + (kibibytes << 10) - 1}'";
            var count = Math.Max(2000, 40000 / kibibytes * 2);
            (one, other) = InTurn(() => Requests(ours, count, range), () => Requests(theirs, count, range));
            bench.Report.RatioAtLeast($"HTTP: /d/, ranges of {kibibytes} KiB of {content}", one, other, "/s", 0.5, "nginx");
        }
    }

    static (double One, double Other) InTurn(Func<double> one, Func<double> other)
    {
        var (ones, others) = (new List<double>(), new List<double>());
        for (var i = 0; i < Rounds; i++)
        {
            ones.Add(one());
            others.Add(other());
        }

        return (ones.Order().ElementAt(Rounds / 2), others.Order().ElementAt(Rounds / 2));
    }

    static double Download(Uri url) =>
        double.Parse(Command.Output($"curl -sf -o /dev/null -w '%{{speed_download}}' '{url.AbsoluteUri}'"), CultureInfo.InvariantCulture) / 1e6;

    /// <summary>Requests a second, on connections that are kept.</summary>
    static double Requests(Uri url, int count, string header)
    {
        var lines = Command.Output($"ab -q -k -c {AtOnce} -n {count} {header} '{url.AbsoluteUri}'").Split('\n');
        if (Number("Failed requests:") + Number("Non-2xx responses:") > 0)
            throw new InvalidOperationException($"{url}: requests failed");
        return Number("Requests per second:");

        double Number(string name) =>
            lines.FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal)) is { } line
                ? double.Parse(line[name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], CultureInfo.InvariantCulture)
                : 0;
    }

    /// <summary>The server's memory, in bytes, while a thousand wait to be read.</summary>
    static double Hold(ServerProcess server, Uri url)
    {
        var request = Encoding.ASCII.GetBytes($"GET {url.AbsolutePath} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        var sockets = new List<Socket>();
        try
        {
            for (var i = 0; i < Held; i++)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
                sockets.Add(socket);
                socket.Connect(IPAddress.Loopback, url.Port);
                socket.Send(request);
            }

            // Each has the beginning of its answer, so that the server is at work on all of them.
            foreach (var socket in sockets)
            {
                if (socket.Receive(new byte[12]) == 0)
                    throw new InvalidOperationException("a connection was closed");
            }

            return server.Memory();
        }
        finally
        {
            foreach (var socket in sockets)
                socket.Dispose();
        }
    }

    static ServerProcess StartNginx(string folder, out Uri address)
    {
        int port;
        using (var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            port = ((IPEndPoint)socket.LocalEndPoint!).Port;
        }

        var own = Directory.CreateDirectory(Path.Combine(folder, "nginx")).FullName;
        File.WriteAllText($"{own}/conf", $$"""
            daemon off; pid {{own}}/pid; error_log {{own}}/error.log; worker_processes auto; {{(Environment.UserName == "root" ? "user root;" : "")}}
            events { worker_connections 2048; }
            http {
              access_log off; sendfile on; keepalive_requests 1000000; client_body_temp_path {{own}}/b; proxy_temp_path {{own}}/p;
              fastcgi_temp_path {{own}}/f; uwsgi_temp_path {{own}}/u; scgi_temp_path {{own}}/s;
              server { listen 127.0.0.1:{{port}}; root {{folder}}/tree; }
            }

            """);
        var server = new ServerProcess($"nginx -e {own}/error.log -c {own}/conf");
        address = new Uri($"http://127.0.0.1:{port}/");
        Command.Run($"curl -sf --retry 20 --retry-delay 1 --retry-connrefused -r 0-0 -o /dev/null {address}{_contents[0]}");
        return server;
    }
}
