using System.Globalization;
using Vt.SystemTests.Commands;

namespace Vt.SystemTests.Docker;

/// <summary>Volumes that become other trees under containers that run on, and commits that containers cause.</summary>
[Collection(DockerCollection.Name)]
public sealed class LiveTests(DockerEngine engine)
{
    [DockerFact]
    [Trait("A7", "lines 4, 49, 84-90")]
    public void A_container_that_runs_on_sees_what_is_checked_out_and_what_is_reset()
    {
        using var site = new DockerSite(engine);
        site.Docker("docker run -d --name runs -v live:/data --volume-driver=NAME -w /data busybox sleep 1000");
        site.Docker("docker exec runs sh -c 'mkdir sub; echo master >sub/file; echo same >same'");
        site.Vt("commit", "-V", "live", "-m", "master");
        site.Vt("checkout", "-V", "live", "-b", "other");
        Assert.Equal("master", site.Docker("docker exec runs cat sub/file").Trim());
        site.Docker("docker exec runs sh -c 'echo other >sub/file; echo more >more'");
        site.Vt("commit", "-V", "live", "-m", "other");
        var started = site.Docker("docker inspect -f '{{.State.StartedAt}} {{.State.Pid}}' runs");
        site.Vt("checkout", "-V", "live", "master");
        Assert.Equal("same sub master", site.Docker("docker exec runs sh -c 'echo $(ls) $(cat sub/file)'").Trim());
        site.Vt("checkout", "-V", "live", "other");
        Assert.Equal("more same sub other", site.Docker("docker exec runs sh -c 'echo $(ls) $(cat sub/file)'").Trim());
        site.Docker("docker exec runs rm -r sub more");
        site.Vt("-q", "reset", "-V", "live", "--hard", "HEAD");
        Assert.Equal("more same sub other", site.Docker("docker exec -w /data runs sh -c 'echo $(ls) $(cat sub/file)'").Trim());
        Assert.Equal("master", site.Docker("docker exec runs cat .vt/branches/master/sub/file").Trim());
        Assert.Equal(started, site.Docker("docker inspect -f '{{.State.StartedAt}} {{.State.Pid}}' runs"));

        // One that has a file open for writing stands in the way, from within its own names too.
        site.Docker("docker exec -d runs sh -c 'exec 3>>/data/same; sleep 1000'");
        DockerEngine.Await(() => site.TryVt("reset", "-V", "live", "--hard", "HEAD").ExitCode == 1, "the file is open");
        Assert.Contains("has /data/same open for writing", site.TryVt("reset", "-V", "live", "--hard", "HEAD").Errors, StringComparison.Ordinal);
        site.Vt("-q", "reset", "-V", "live", "--hard", "--stop", "HEAD");
    }

    [DockerFact]
    [Trait("A7", "line 62")]
    public void A_volume_is_committed_around_the_run_of_a_container()
    {
        using var site = new DockerSite(engine);
        site.Docker("docker volume create -d NAME around");
        using var commits = site.StartVt("auto-commit", "around", "--on-containers");
        DockerEngine.Await(() => site.TryDocker("docker run --rm -v around:/data --volume-driver=NAME busybox sh -c 'date +%s%N >/data/file'").ExitCode == 0 && Tags(site) > 0, "a commit is made");
        site.Docker("docker run --rm -v around:/data --volume-driver=NAME busybox true");
        site.Docker("docker run --rm -v around:/data --volume-driver=NAME busybox sh -c 'echo changed >/data/file'");
        DockerEngine.Await(() => Newest(site) == "changed\n", "what has changed is committed");
        var made = Tags(site);
        site.Docker("docker run --rm -v around:/data --volume-driver=NAME busybox true");
        site.Docker("docker run --rm -v around:/data --volume-driver=NAME busybox sh -c 'echo once more >/data/file'");
        DockerEngine.Await(() => Newest(site) == "once more\n", "what has changed is committed");
        Assert.Equal(made + 1, Tags(site));
        Shell.Succeed($"kill -TERM {commits.Id.ToString(CultureInfo.InvariantCulture)}");
        Assert.True(commits.WaitForExit(TimeSpan.FromSeconds(60)), "it goes on");
        Assert.Equal(0, commits.ExitCode);
    }

    static string Newest(DockerSite site) =>
        site.Vt("cat", $"around@{site.Vt("tag", "-V", "around").Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal).Last()}/file");

    static int Tags(DockerSite site) => site.Vt("tag", "-V", "around").Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;
}
