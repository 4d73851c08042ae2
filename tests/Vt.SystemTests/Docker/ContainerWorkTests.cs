using System.Globalization;
using Vt.Hosts.DockerEngine;
using Vt.SystemTests.Commands;

namespace Vt.SystemTests.Docker;

/// <summary>What becomes of containers around commits, resets and checkouts: stopped, paused, made quiet by their own hooks; and as before afterwards, whatever happened.</summary>
[Collection(DockerCollection.Name)]
public sealed class ContainerWorkTests(DockerEngine engine)
{
    // Longer than a message may be: the commit fails when the containers are stopped already.
    static readonly string TooLong = new('x', 70_000);

    [DockerFact]
    [Trait("A7", "line 58")]
    public void A_containers_hooks_run_around_a_commit_and_after_one_that_fails()
    {
        using var site = new DockerSite(engine);
        Sleep(site, "server", "echo quiet >>/data/log; echo said", "echo loud >>/data/log");
        var id = Commit(site);
        Assert.Equal("quiet\n", site.Vt("cat", $"{id}/log"));
        Assert.Equal("quiet loud", Log(site));
        Assert.Contains("a message has", Refused(site, "commit", "-m", TooLong), StringComparison.Ordinal);
        Assert.Equal("quiet loud quiet loud", Log(site));
        Commit(site, "--pause");
        Assert.Equal("quiet loud quiet loud quiet loud", Log(site));
        Commit(site, "--stop");
        Assert.Equal("quiet loud quiet loud quiet loud", Log(site));
    }

    [DockerFact]
    [Trait("A7", "line 58")]
    public void A_hook_that_fails_or_takes_too_long_prevents_the_commit_and_the_container_goes_on()
    {
        using var site = new DockerSite(engine);
        Sleep(site, "server", "echo half >>/data/log; echo it is locked; exit 7", "echo loud >>/data/log");
        Assert.Contains("container /server: vt.quiesce ended with status 7: it is locked", Refused(site, "commit", "-m", "m"), StringComparison.Ordinal);
        Assert.Equal("half loud", Log(site));
        site.Docker("docker rm -f server");
        Sleep(site, "server", "sleep 600", "echo loud >>/data/log", "--label vt.timeout=1");
        Assert.Contains("vt.quiesce has not ended within 1 seconds", Refused(site, "commit", "-m", "m"), StringComparison.Ordinal);
        Assert.Equal("half loud loud", Log(site));
        site.Docker("docker rm -f server");
        Sleep(site, "server", "true", "exit 3");
        Assert.Contains("vt.resume ended with status 3", Refused(site, "commit", "--allow-empty", "-m", "made all the same"), StringComparison.Ordinal);
        Assert.Contains("made all the same", site.Vt("log", "-V", "memory"), StringComparison.Ordinal);
    }

    [DockerFact]
    [Trait("A7", "line 58")]
    public void A_commit_that_is_interrupted_lets_the_containers_go_on()
    {
        using var site = new DockerSite(engine);
        Sleep(site, "server", "echo quiet >>/data/log; sleep 600", "echo loud >>/data/log", "--label vt.timeout=600");
        using var commit = site.StartVt("commit", "-V", "memory", "-m", "m");
        DockerEngine.Await(() => Log(site) == "quiet", "the hook runs");
        Shell.Succeed($"kill -INT {commit.Id.ToString(CultureInfo.InvariantCulture)}");
        Assert.True(commit.WaitForExit(TimeSpan.FromSeconds(60)), "the commit goes on");
        Assert.Equal(130, commit.ExitCode);
        Assert.Equal("quiet loud", Log(site));
    }

    [DockerFact]
    [Trait("A7", "line 58")]
    public void A_commit_that_is_killed_lets_the_containers_go_on()
    {
        using var site = new DockerSite(engine);
        Sleep(site, "server", "echo quiet >>/data/log; sleep 600", "echo loud >>/data/log", "--label vt.timeout=600");
        Kill(site, () => Log(site) == "quiet", "commit", "-V", "memory", "-m", "m");
        DockerEngine.Await(() => Log(site) == "quiet loud", "the other hook has run");
    }

    [DockerFact]
    [Trait("A7", "lines 49, 84-90")]
    public void Containers_run_again_after_a_reset_that_is_killed_while_it_stops_them()
    {
        using var site = new DockerSite(engine);
        site.Docker("docker run --rm -v memory:/data --volume-driver=NAME busybox touch /data/file");
        Commit(site);
        Sleep(site, "quick");

        // The first process of a container doesn't hear SIGTERM unless it asks for it.
        site.Docker("docker run -d --name slow -v memory:/data --volume-driver=NAME busybox sleep 1000");
        Sleep(site, "held");
        site.Docker("docker pause held");
        const string Started = "docker inspect -f '{{.State.StartedAt}}' quick slow held";
        var before = site.Docker(Started).Split('\n');
        Kill(site, () => site.Docker("docker inspect -f '{{.State.Running}}' quick held").Contains("false", StringComparison.Ordinal), "reset", "-V", "memory", "--hard", "--stop", "HEAD");
        DockerEngine.Await(() => site.Docker("docker inspect -f '{{.State.Status}}' quick slow held | xargs") == "running running paused", "they run again");
        Assert.Contains(site.Docker(Started).Split('\n').Zip(before), static both => both.First != both.Second);
        site.Docker("docker unpause held");
    }

    [DockerFact]
    [Trait("A7", "lines 49, 84-90")]
    public void The_same_containers_run_after_work_that_failed()
    {
        using var site = new DockerSite(engine);
        Sleep(site, "one");
        Sleep(site, "two");
        site.Docker("docker run --name ended -v memory:/data --volume-driver=NAME busybox true; docker pause two");
        Assert.Contains("a message has", Refused(site, "commit", "--stop", "-m", TooLong), StringComparison.Ordinal);
        const string States = "docker ps -a --format '{{.Names}} {{.State}}' | sort | xargs";
        Assert.Equal("ended exited one running two paused", site.Docker(States));
        Commit(site, "--stop");
        Assert.Equal("ended exited one running two paused", site.Docker(States));
        Commit(site, "--pause");
        Assert.Equal("ended exited one running two paused", site.Docker(States));
        site.Docker("docker unpause two");
    }

    [DockerFact]
    [Trait("A7", "lines 49, 84-90")]
    public void A_container_that_would_be_gone_is_not_stopped()
    {
        using var site = new DockerSite(engine);
        Sleep(site, "kept");
        Sleep(site, "lost", options: "--rm");
        var started = site.Docker("docker inspect -f '{{.State.StartedAt}}' kept lost");
        foreach (var command in new[] { new[] { "commit", "--stop", "-m", "m" }, ["reset", "--hard", "HEAD", "--stop"], ["checkout", "master", "--stop"] })
            Assert.Contains("container /lost was started with --rm", Refused(site, command), StringComparison.Ordinal);
        Assert.Equal((1, ""), (site.TryDvol("reset", "--hard", "HEAD").ExitCode, site.TryDvol("reset", "--hard", "HEAD").Output));
        Commit(site, "--pause");
        Assert.Equal(started, site.Docker("docker inspect -f '{{.State.StartedAt}}' kept lost"));
        Assert.Contains("say one of them", Refused(site, "commit", "--stop", "--pause", "-m", "m"), StringComparison.Ordinal);
    }

    [DockerFact]
    public void Containers_of_other_volumes_and_of_other_drivers_are_left_alone()
    {
        using var site = new DockerSite(engine);
        Sleep(site, "mine");
        site.Docker("docker run -d --name local -v local-memory:/data busybox sleep 1000");
        site.Docker("docker run -d --name other -v other:/data --volume-driver=NAME busybox sleep 1000");
        var started = site.Docker("docker inspect -f '{{.State.StartedAt}}' local other");
        var mine = site.Docker("docker inspect -f '{{.State.StartedAt}}' mine");
        site.Dvol("reset", "--hard", "HEAD", "memory");
        Assert.Equal(started, site.Docker("docker inspect -f '{{.State.StartedAt}}' local other"));
        Assert.NotEqual(mine, site.Docker("docker inspect -f '{{.State.StartedAt}}' mine"));
        site.Docker("docker rm -f local; docker volume rm local-memory");
    }

    [DockerFact]
    public async Task The_engine_tells_what_happens_and_why_it_refuses()
    {
        using var site = new DockerSite(engine);
        using var client = new EngineClient(engine.Socket);
        Sleep(site, "server");
        using var ended = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await using var events = client.ReadEventsAsync(["container"], ended.Token).GetAsyncEnumerator();
        var first = events.MoveNextAsync();
        DockerEngine.Await(
            () =>
            {
                site.Docker("docker pause server; docker unpause server");
                return first.IsCompleted;
            },
            "an event arrives");
        Assert.True(await first);
        Assert.Equal("container", events.Current.Type);
        Assert.Contains(events.Current.Action, new[] { "pause", "unpause" });
        Assert.Equal("server", events.Current.Actor!.Attributes!["name"]);
        var outcome = await client.RunAsync("server", ["sh", "-c", "echo out; echo err >&2; exit 5"], ended.Token);

        // Which of the two streams comes first is not for the engine to say.
        Assert.Equal((5, "err out"), (outcome.ExitCode, string.Join(' ', outcome.Output.Trim().Split('\n').Order(StringComparer.Ordinal))));
        Assert.Null(await client.ReadStateAsync("nobody", ended.Token));
        var refused = await Assert.ThrowsAsync<EngineException>(() => client.StartAsync("nobody", ended.Token));
        Assert.Equal($"Docker Engine at {engine.Socket}: No such container: nobody", refused.Message);
        Assert.False(refused.IsUnreachable);
        using var nowhere = new EngineClient("/nowhere/docker.sock");
        Assert.True((await Assert.ThrowsAsync<EngineException>(() => nowhere.ReadStateAsync("x", ended.Token))).IsUnreachable);
    }

    static void Sleep(DockerSite site, string container, string? quiesce = null, string? resume = null, string options = "") => site.Docker(
        $"docker run -d --name {container} --init -v memory:/data --volume-driver=NAME {options} {Label("vt.quiesce", quiesce)} {Label("vt.resume", resume)} busybox sleep 1000");

    static void Kill(DockerSite site, Func<bool> reached, params string[] command)
    {
        using var process = site.StartVt(command);
        DockerEngine.Await(() => process.HasExited || reached(), "it is in the midst");
        Assert.False(process.HasExited);
        process.Kill();
        process.WaitForExit();
    }

    static string Label(string word, string? line) => line is null ? "" : $"--label {word}='{line}'";

    static string Log(DockerSite site) => site.Docker("docker run --rm --volumes-from server busybox sh -c 'touch /data/log; cat /data/log' | xargs");

    static string Commit(DockerSite site, params string[] options) => site.Vt(["commit", "-V", "memory", "--allow-empty", "-m", "m", .. options]).Trim();

    static string Refused(DockerSite site, params string[] arguments)
    {
        var (code, _, errors) = site.TryVt([.. arguments, "-V", "memory"]);
        Assert.Equal(1, code);
        return errors;
    }
}
