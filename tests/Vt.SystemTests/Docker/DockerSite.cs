using System.Diagnostics;
using System.Globalization;
using Vt.Posix.Mounts;
using Vt.SystemTests.Commands;
using Vt.Tests.Support;

namespace Vt.SystemTests.Docker;

/// <summary>A home with volumes of its own, the plugin that serves them, and the commands that work on them. Disposal leaves no container, process, mount or socket.</summary>
sealed class DockerSite : IDisposable
{
    // A server that keeps a value in memory and in /data: it reads it when it starts, and writes it when it is told to and when it ends.
    const string Server =
        "mkfifo /run/in /run/out; exec 3<>/run/in 4<>/run/out; V=$(cat /data/value 2>/dev/null || echo none); trap \"echo \\$V >/data/value; exit 0\" TERM; "
        + "while :; do C=; read C A <&3 || continue; case $C in get) echo $V >&4;; set) V=$A; echo $V >/data/value; echo ok >&4;; remember) V=$A; echo ok >&4;; esac; done";

    readonly TempFolder _folder = new();
    readonly DockerEngine _engine;
    readonly string _dvol;
    readonly List<string?> _log = []; // guarded by itself
    Process? _plugin;

    public DockerSite(DockerEngine engine, string? driver = null, bool isStarted = true)
    {
        _engine = engine;
        Driver = driver ?? engine.Driver;
        _folder.Make("home");
        _dvol = _folder["dvol"];
        File.CreateSymbolicLink(_dvol, VtCommand.Executable);
        if (isStarted)
            StartPlugin();
    }

    /// <summary>What Docker calls the plugin.</summary>
    public string Driver { get; }

    public string Home => _folder["home"];

    public string Socket => $"/run/docker/plugins/{Driver}.sock";

    /// <summary>Variables on top of the few that every command gets.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    public string PluginLog
    {
        get
        {
            lock (_log)
                return string.Join('\n', _log);
        }
    }

    public int PluginId => _plugin!.Id;

    /// <summary>Starts the plugin and waits until it serves.</summary>
    public void StartPlugin()
    {
        _plugin = Start(VtCommand.Executable, "docker-plugin", "--name", Driver, "--branch", "master");
        _plugin.ErrorDataReceived += (_, line) =>
        {
            lock (_log)
                _log.Add(line.Data);
        };
        _plugin.BeginErrorReadLine();
        var said = PluginLog.Length;
        DockerEngine.Await(() => _plugin.HasExited || PluginLog[said..].Contains("serves ", StringComparison.Ordinal), "the plugin serves");
        Assert.False(_plugin.HasExited, PluginLog);
    }

    /// <summary>Sends the plugin a signal, and waits for its end.</summary>
    /// <returns>Its exit code.</returns>
    public int EndPlugin(string signal = "TERM")
    {
        Shell.Succeed($"kill -{signal} {_plugin!.Id.ToString(CultureInfo.InvariantCulture)}");
        Assert.True(_plugin.WaitForExit(TimeSpan.FromSeconds(60)), "the plugin goes on");
        return _plugin.ExitCode;
    }

    /// <summary>Runs a line of shell with docker; NAME in it stands for the driver.</summary>
    public string Docker(string line) => _engine.Succeed(Filled(line));

    public (int ExitCode, string Output) TryDocker(string line) => _engine.Run(Filled(line));

    /// <summary>Runs dvol; what it printed.</summary>
    public string Dvol(params string[] arguments) => Succeed(_dvol, arguments);

    public (int ExitCode, string Output, string Errors) TryDvol(params string[] arguments) => Run(_dvol, arguments);

    /// <summary>Runs vt; what it printed.</summary>
    public string Vt(params string[] arguments) => Succeed(VtCommand.Executable, arguments);

    public (int ExitCode, string Output, string Errors) TryVt(params string[] arguments) => Run(VtCommand.Executable, arguments);

    /// <summary>Starts a command without waiting for it.</summary>
    public Process StartVt(params string[] arguments) => Start(VtCommand.Executable, arguments);

    /// <summary>Starts the server that keeps a value.</summary>
    public void Serve(string container, string volume, string options = "") =>
        Docker($"docker run -d --name {container} --tmpfs /run -v {volume}:/data --volume-driver=NAME {options} busybox sh -c '{Server}'");

    /// <summary>Asks the server for its value.</summary>
    public string Get(string container) => Ask(container, "get");

    /// <summary>Tells the server a value, which it writes.</summary>
    public void Set(string container, string value) => Assert.Equal("ok", Ask(container, $"set {value}"));

    /// <summary>Tells the server a value, which it only remembers.</summary>
    public void Remember(string container, string value) => Assert.Equal("ok", Ask(container, $"remember {value}"));

    /// <summary>The containers that dvol list shows of a volume.</summary>
    public string ContainersOf(string volume) =>
        Dvol("list").Split('\n').Select(static line => line.TrimStart('*', ' ').Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(words => words.Length > 0 && words[0] == volume)
            .Select(static words => words.Length > 2 ? words[2] : "").Single();

    /// <summary>What the driver has mounted.</summary>
    public IReadOnlyList<string> Mounts => [.. MountTable.Read().Where(entry => entry.MountPoint.StartsWith(Home + "/", StringComparison.Ordinal)).Select(static entry => entry.MountPoint)];

    public void Dispose()
    {
        _engine.Run("ids=$(docker ps -aq); [ -z \"$ids\" ] || docker rm -f -v $ids");
        if (_plugin is { HasExited: false })
        {
            // Docker's last words to the plugin come after the removal of a container.
            _engine.Run(Filled("docker volume ls -q -f driver=NAME | xargs -r docker volume rm"));
            EndPlugin();
        }

        _plugin?.Dispose();
        foreach (var place in Mounts)
            Run(VtCommand.Executable, "umount", "--lazy", place);
        DockerEngine.UnmountBelow(_folder.Path);
        File.Delete(Socket);
        _folder.Dispose();
    }

    string Ask(string container, string question) =>
        Docker($"docker exec {container} timeout 30 sh -c 'until [ -p /run/out ]; do sleep 0.1; done; echo {question} >/run/in; read A </run/out; echo $A'");

    string Filled(string line) => line.Replace("NAME", Driver, StringComparison.Ordinal);

    string Succeed(string program, string[] arguments)
    {
        var (code, output, errors) = Run(program, arguments);
        Assert.True(code == 0, $"{Path.GetFileName(program)} {string.Join(' ', arguments)}: exit code {code}: {errors}\nplugin: {PluginLog}");
        return output;
    }

    (int ExitCode, string Output, string Errors) Run(string program, params string[] arguments)
    {
        using var process = Start(program, arguments);
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(TimeSpan.FromMinutes(2)))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{program} {string.Join(' ', arguments)} did not end: {errors.Result}\nplugin: {PluginLog}");
        }

        return (process.ExitCode, output.Result, errors.Result);
    }

    Process Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true, RedirectStandardInput = true, WorkingDirectory = Home };
        start.Environment.Clear();
        foreach (var (name, value) in new Dictionary<string, string>
        {
            ["PATH"] = System.Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin",
            ["HOME"] = Home,
            ["LC_ALL"] = "C.UTF-8",
            ["DOCKER_HOST"] = $"unix://{_engine.Socket}",
            ["VT_AUTHOR"] = "Ann <ann@example.org>",
        })
            start.Environment[name] = value;
        if (System.Environment.GetEnvironmentVariable("DOTNET_ROOT") is { } root)
            start.Environment["DOTNET_ROOT"] = root;
        foreach (var (name, value) in Environment)
            start.Environment[name] = value;
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }
}
