using Vt.SystemTests.Commands;
using Vt.SystemTests.Serving;
using Vt.Tests.Support;

namespace Vt.SystemTests.Chains;

/// <summary>
/// A live mount on a store that another process serves, which is killed in the middle of what it does for the mount and started again, or stopped for a while: that
/// costs time and nothing else. Nobody is told of an error, and every byte is there.
/// </summary>
public sealed class KilledServerTests : IDisposable
{
    const int Megabytes = 8;

    readonly TempFolder _folder = new();
    readonly VtCommand _there;
    readonly VtCommand _here;
    readonly string _point;
    ServerProcess? _server;

    public KilledServerTests()
    {
        _there = new VtCommand(_folder["there"]);
        _here = new VtCommand(_folder["here"]) { Environment = { ["VT_AUTHOR"] = "Ann <ann@example.org>" } };
        _point = _folder.Make("mnt");
        _there.Succeed("init");
    }

    public void Dispose()
    {
        _server?.Dispose();
        _folder.Dispose();
    }

    [MountTheory]
    [InlineData("tcp")]
    [InlineData("cache before socket")]
    public async Task A_server_that_is_killed_in_the_middle_costs_a_retry(string chain)
    {
        Prepare(chain);
        using var mount = Mount();
        foreach (var moment in (string[])["a cold read", "a large write", "an fsync", "a commit"])
        {
            var work = BeginAsync(moment);
            await AwaitedAsync(moment);
            RestartServer();
            var (code, output) = await work;
            Assert.True(code == 0, $"{moment}: {output}");
        }

        Finish(mount);
    }

    [MountFact]
    public async Task A_server_that_stands_still_for_a_moment_costs_that_moment()
    {
        Prepare("socket");
        using var mount = Mount();
        var work = BeginAsync("a commit");
        await AwaitedAsync("a commit");
        Shell.Succeed($"kill -STOP {_server!.Id}");

        // Where the commit has the tree to itself this waits too.
        var meanwhile = Task.Run(() => Shell.Succeed($"cd '{_point}' && echo meanwhile > meanwhile && sync meanwhile && grep -q meanwhile meanwhile"));
        Shell.Succeed($"sleep 1; kill -CONT {_server.Id}");
        await meanwhile;
        var (code, output) = await work;
        Assert.True(code == 0, output);
        Finish(mount);
    }

    [MountFact]
    public void A_mount_ends_while_its_server_is_away_and_its_changes_wait_for_the_next()
    {
        Prepare("socket", timeout: 1);
        using (var mount = Mount())
        {
            Shell.Succeed($"cd '{_point}' && head -c 3000000 /dev/urandom > second && sha256sum random second > sum && sync sum");
            _server!.Kill();
            Shell.Succeed($"umount '{_point}'");
            mount.AwaitExit();
            Assert.Contains("can't be stored and stays in the log", mount.Errors, StringComparison.Ordinal);
        }

        RestartServer();
        using var again = Mount();
        Shell.Succeed($"cd '{_point}' && sha256sum -c --quiet sum");
        Finish(again);
    }

    // A volume with a file, whose content is in no cache of the mount to come.
    void Prepare(string chain, int timeout = 60)
    {
        RestartServer(first: true);
        var spec = chain == "tcp"
            ? $"tcp(host=127.0.0.1,port={_server!.Port},secret_file={_folder["secret"]},timeout={timeout})"
            : $"socket(path={_folder["vt.sock"]},timeout={timeout})";
        if (chain.StartsWith("cache", StringComparison.Ordinal))
        {
            File.AppendAllText(_folder["here/vtrc"], $"""
                [chain]
                type = cache
                path = {_folder["cached"]}
                store = {spec}
                max_size = 16 MiB

                """);
            spec = "[chain]";
        }

        _here.Environment["VT_STORE"] = spec;
        _here.Succeed("volume", "init", "v");
        using var mount = Mount();
        Shell.Succeed($"cd '{_point}' && head -c {Megabytes}M /dev/urandom > random && sha256sum random > sum");
        Unmount(mount);
    }

    Task<(int Code, string Output)> BeginAsync(string moment) => Task.Run(() => moment switch
    {
        "a large write" => Shell.Run($"cd '{_point}' && head -c {2 * Megabytes}M /dev/urandom > second && sha256sum random second > sum"),
        "an fsync" => Shell.Run($"cd '{_point}' && head -c {2 * Megabytes}M /dev/urandom > second && sync second && sha256sum random second > sum && sync sum"),
        "a commit" => Commit(),
        _ => Shell.Run($"cd '{_point}' && sha256sum -c --quiet sum"),
    });

    (int Code, string Output) Commit()
    {
        Shell.Succeed($"cd '{_point}' && head -c {2 * Megabytes}M /dev/urandom > second && sha256sum random second > sum");
        var done = _here.Run("commit", "-V", "v", "-m", "in between");
        return (done.ExitCode, done.Output + done.Errors);
    }

    // Until the server has moved so many bytes more for it, or it is over.
    Task<(int Code, string Output)> AwaitedAsync(string moment) => Task.Run(() => Shell.Run(
        $"""
        at() {'{'} awk '/{(moment == "a cold read" ? "rchar" : "wchar")}/ {'{'} print $2 {'}'}' /proc/{_server!.Id}/io; {'}'}
        from=$(at)
        for i in $(seq 100); do
            [ $(( $(at) - from )) -gt 1000000 ] && exit 0
            read -t 0.005 <> <(:)
        done
        """));

    void Finish(RealMount mount)
    {
        Shell.Succeed($"cd '{_point}' && sha256sum -c --quiet sum");
        Shell.Succeed($"echo end > '{_point}/end'");
        _here.Succeed("commit", "-V", "v", "-m", "last");
        Unmount(mount);
        Assert.Contains("0 faults", _there.Run("fsck", "v@main").Errors, StringComparison.Ordinal);
        _there.Succeed("export", "-q", "v@main", _folder["back"]);
        Shell.Succeed($"cd '{_folder["back"]}' && sha256sum -c --quiet sum");
    }

    void Unmount(RealMount mount)
    {
        Shell.Succeed($"umount '{_point}'");
        Assert.True(mount.AwaitExit() == 0, mount.Errors);
    }

    void RestartServer(bool first = false)
    {
        var port = first ? 0 : _server!.Port;
        if (!first)
        {
            _server!.Kill();
            _server.Dispose();
        }

        _server = new ServerProcess(_there, 2, _folder["vt.sock"], $"tcp:127.0.0.1:{port}", "--secret-file", _folder["secret"]);
    }

    RealMount Mount() => RealMount.Start(
        "/usr/bin/env",
        [
            .. _here.Environment.Select(static variable => $"{variable.Key}={variable.Value}"), $"VT_CONFIG={_folder["here"]}/vtrc", $"HOME={_folder["here"]}",
            VtCommand.Executable, "-q", "mount", "v", _point,
        ],
        _point);
}
