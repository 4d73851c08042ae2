using System.Diagnostics;
using System.Text;
using Vt.SystemTests.Commands;
using Vt.Tests.Support;

namespace Vt.SystemTests.Http;

/// <summary>A store that vt httpd serves, the same exported behind nginx, and a browser. Disposal leaves no process.</summary>
public sealed class WebSite : IDisposable
{
    readonly TempFolder _folder = new();
    readonly VtCommand _vt;
    readonly List<Process> _processes = [];
    readonly NginxServer _nginx;

    public WebSite()
    {
        Install("nginx-light", "chromium", "fonts-dejavu-core");
        _vt = new VtCommand(_folder["home"]);
        var tree = _folder.Make("home/tree");
        Fill(tree);
        _vt.Succeed("init");
        _vt.Succeed("import", "tree", "photos.vt");
        _vt.Succeed("static", _folder["export"]);
        Shell.Succeed($"chmod 755 '{_folder.Path}'");
        Served = StartServer("127.0.0.1:0");
        _nginx = new NginxServer(_folder.Make("nginx"), "export/vt-store.json", ("tree", Tree), ("export", Export));
        Plain = _nginx.Top;
    }

    /// <summary>Where vt httpd is.</summary>
    public Uri Served { get; }

    /// <summary>The process of vt httpd.</summary>
    public int ServerId => _processes[0].Id;

    /// <summary>Where nginx is: /tree/ has the tree's files, /export/ the exported store.</summary>
    public Uri Plain { get; }

    /// <summary>The tree's folder.</summary>
    public string Tree => _folder["home/tree"];

    /// <summary>The exported store's folder.</summary>
    public string Export => _folder["export"];

    internal VtCommand Vt => _vt;

    /// <summary>Starts one more server and waits until it says where it serves.</summary>
    public Uri StartServer(params string[] arguments)
    {
        var process = _vt.Start(["httpd", .. arguments]);
        _processes.Add(process);
        var line = process.StandardError.ReadLine() ?? throw new InvalidOperationException("vt httpd has ended");
        _ = process.StandardError.ReadToEndAsync();
        return new Uri(line[(line.IndexOf("http", line.IndexOf(" at ", StringComparison.Ordinal), StringComparison.Ordinal))..] + "/");
    }

    /// <summary>Ends the server that was started last with SIGTERM; its exit status.</summary>
    public int StopLast()
    {
        var process = _processes[^1];
        Shell.Succeed($"kill -TERM {process.Id}");
        Assert.True(process.WaitForExit(TimeSpan.FromSeconds(30)), "the server has not ended");
        _processes.RemoveAt(_processes.Count - 1);
        return process.ExitCode;
    }

    /// <summary>Lets the browser load a page, and gives what it made of it.</summary>
    public string Browse(string path) => RunBrowser("--dump-dom", path);

    /// <summary>Lets the browser draw a page, and gives the picture.</summary>
    public byte[] Draw(string path)
    {
        RunBrowser($"--screenshot={_folder["page.png"]}", path);
        return File.ReadAllBytes(_folder["page.png"]);
    }

    public void Dispose()
    {
        _nginx.Dispose();
        foreach (var process in _processes)
        {
            if (!process.HasExited)
                process.Kill();
            process.WaitForExit();
            process.Dispose();
        }

        _folder.Dispose();
    }

    string RunBrowser(string what, string path)
    {
        var start = new ProcessStartInfo("timeout", ["-s", "KILL", "60", "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=1000,800", $"--user-data-dir={_folder["browser"]}", what, new Uri(Served, path).AbsoluteUri])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var browser = Process.Start(start)!;
        _ = browser.StandardError.ReadToEndAsync();
        var page = browser.StandardOutput.ReadToEnd();
        browser.WaitForExit();
        Assert.Equal(0, browser.ExitCode);
        return page;
    }

    static void Fill(string tree)
    {
        Directory.CreateDirectory(Path.Combine(tree, "docs"));
        File.WriteAllText(Path.Combine(tree, "docs", "page.html"), "<title>mine</title><script>document.title='RAN'</script>");
        File.WriteAllText(Path.Combine(tree, "README"), "Read <b>this</b> first.");
        File.WriteAllText(Path.Combine(tree, "<script>document.title='RAN'<"), "");
        File.WriteAllText(Path.Combine(tree, "\" onmouseover=\"document.title='RAN'"), "");
        File.WriteAllText(Path.Combine(tree, "words.txt"), string.Concat(Enumerable.Range(0, 40_000).Select(static i => $"line {i}\n")), Encoding.UTF8);
        File.CreateSymbolicLink(Path.Combine(tree, "link"), "docs");
        var noise = new byte[16 << 20];
        new Random(1).NextBytes(noise);
        File.WriteAllBytes(Path.Combine(tree, "noise.bin"), noise);
    }

    /// <summary>Installs packages that are not there.</summary>
    public static void Install(params string[] packages)
    {
        var top = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(top.FullName, "Vt.sln")))
            top = top.Parent!;
        Shell.Succeed($"cd '{top.FullName}' && scripts/deps {string.Join(' ', packages)}");
    }
}
