using Vt.SystemTests.Commands;
using Vt.Tests.Support;

namespace Vt.SystemTests.Chains;

/// <summary>
/// A live mount on a store that another process serves, which is killed in the middle of what it does for the mount and started again, or stopped for a while: that
/// costs time and nothing else. Nobody is told of an error, and every byte is there.
/// </summary>
public sealed class KilledServerTests : ServedBed
{
    const int Megabytes = 8;

    public KilledServerTests() => There.Succeed("init");

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

            // Who comes first while nobody is there is told so at once, which is not what this is about.
            if (moment == "a commit" && output.Contains("no connection", StringComparison.Ordinal))
                (code, output) = Commit();
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
        Shell.Succeed($"kill -STOP {Server!.Id}");

        // Where the commit has the tree to itself this waits too.
        var meanwhile = Task.Run(() => Shell.Succeed($"cd '{Point}' && echo meanwhile > meanwhile && sync meanwhile && grep -q meanwhile meanwhile"));
        Shell.Succeed($"sleep 1; kill -CONT {Server.Id}");
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
            Shell.Succeed($"cd '{Point}' && head -c 3000000 /dev/urandom > second && sha256sum random second > sum && sync sum");
            Server!.Kill();
            Shell.Succeed($"umount '{Point}'");
            mount.AwaitExit();
            Assert.Contains("can't be stored and stays in the log", mount.Errors, StringComparison.Ordinal);
        }

        RestartServer();
        using var again = Mount();
        Shell.Succeed($"cd '{Point}' && sha256sum -c --quiet sum");
        Finish(again);
    }

    // A volume with a file, whose content is in no cache of the mount to come.
    void Prepare(string chain, int timeout = 60)
    {
        RestartServer();
        var spec = chain == "tcp"
            ? TcpSpec($",timeout={timeout}")
            : $"socket(path={SocketPath},timeout={timeout})";
        if (chain.StartsWith("cache", StringComparison.Ordinal))
        {
            spec = Clause("chain", $"""
                type = cache
                path = {Folder["cached"]}
                store = {spec}
                max_size = 16 MiB
                """);
        }

        Here.Environment["VT_STORE"] = spec;
        Here.Succeed("volume", "init", "v");
        using var mount = Mount();
        Shell.Succeed($"cd '{Point}' && head -c {Megabytes}M /dev/urandom > random && sha256sum random > sum");
        Unmount(mount);
    }

    Task<(int Code, string Output)> BeginAsync(string moment) => Task.Run(() => moment switch
    {
        "a large write" => Shell.Run($"cd '{Point}' && head -c {2 * Megabytes}M /dev/urandom > second && sha256sum random second > sum"),
        "an fsync" => Shell.Run($"cd '{Point}' && head -c {2 * Megabytes}M /dev/urandom > second && sync second && sha256sum random second > sum && sync sum"),
        "a commit" => Commit(),
        _ => Shell.Run($"cd '{Point}' && sha256sum -c --quiet sum"),
    });

    (int Code, string Output) Commit()
    {
        Shell.Succeed($"cd '{Point}' && head -c {2 * Megabytes}M /dev/urandom > second && sha256sum random second > sum");
        var done = Here.Run("commit", "-V", "v", "-m", "in between");
        return (done.ExitCode, done.Output + done.Errors);
    }

    // Until the server has moved so many bytes more for it, or it is over.
    Task<(int Code, string Output)> AwaitedAsync(string moment) => Task.Run(() => Shell.Run(
        $"""
        at() {'{'} awk '/{(moment == "a cold read" ? "rchar" : "wchar")}/ {'{'} print $2 {'}'}' /proc/{Server!.Id}/io; {'}'}
        from=$(at)
        for i in $(seq 100); do
            [ $(( $(at) - from )) -gt 1000000 ] && exit 0
            read -t 0.005 <> <(:)
        done
        """));

    void Finish(RealMount mount)
    {
        Shell.Succeed($"cd '{Point}' && sha256sum -c --quiet sum");
        Shell.Succeed($"echo end > '{Point}/end'");
        Here.Succeed("commit", "-V", "v", "-m", "last");
        Unmount(mount);
        Assert.Contains("0 faults", There.Run("fsck", "v@main").Errors, StringComparison.Ordinal);
        There.Succeed("export", "-q", "v@main", Folder["back"]);
        Shell.Succeed($"cd '{Folder["back"]}' && sha256sum -c --quiet sum");
    }
}
