using System.Text.Json;

namespace Vt.SystemTests.Docker;

/// <summary>The acceptance tests of the dvol of old, one by one, with containers of a real engine; and the commands of its first description.</summary>
[Collection(DockerCollection.Name)]
public sealed class AcceptanceTests(DockerEngine engine)
{
    [DockerFact]
    [Trait("A4", "scenarios 1, 5")]
    public void A_container_answers_without_a_driver_and_with_one()
    {
        using var site = new DockerSite(engine);
        Assert.Equal("hello", site.Docker("docker run --rm busybox echo hello"));
        site.Serve("one", "memory");
        foreach (var value in new[] { "first", "second" })
        {
            site.Set("one", value);
            Assert.Equal(value, site.Get("one"));
        }
    }

    [DockerFact]
    [Trait("A4", "scenarios 2, 3, 4, 8, 9")]
    [Trait("A7", "lines 70, 80, 82")]
    public void A_volume_that_docker_makes_is_listed_with_its_branch_and_its_containers()
    {
        using var site = new DockerSite(engine);
        site.Serve("fancy", "memory");
        Assert.Equal("  VOLUME   BRANCH   CONTAINERS\n* memory   master   /fancy\n", site.Dvol("list"));
        Assert.Equal("* master\n", site.Dvol("branch"));
        site.Serve("fancier", "memory");
        Assert.Equal("/fancier,/fancy", site.ContainersOf("memory"));
        Assert.Equal("Created volume other\nCreated branch other/master\n", site.Dvol("init", "other"));
        Assert.Equal($"{site.Driver} memory\n{site.Driver} other", site.Docker("docker volume ls --format '{{.Driver}} {{.Name}}' -f driver=NAME"));
    }

    [DockerFact]
    [Trait("A7", "line 64")]
    public void Containers_that_do_not_run_are_marked()
    {
        using var site = new DockerSite(engine);
        site.Serve("fancy", "memory");
        site.Docker("docker run --name ended -v memory:/data --volume-driver=NAME busybox true");
        Assert.Equal("/ended(stopped),/fancy", site.ContainersOf("memory"));
        site.Docker("docker pause fancy");
        Assert.Equal("/ended(stopped),/fancy(paused)", site.ContainersOf("memory"));
        site.Docker("docker unpause fancy");
    }

    [DockerFact]
    [Trait("A4", "scenario 6")]
    [Trait("A7", "lines 4, 5, 84-90")]
    public void A_running_server_shows_the_branch_that_is_checked_out()
    {
        using var site = new DockerSite(engine);
        site.Serve("server", "memory");
        site.Set("server", "first");
        Assert.Matches("^[0-9a-f]{40}\n$", site.Dvol("commit", "-m", "first"));
        foreach (var branch in new[] { "alpha", "beta" })
        {
            site.Dvol("checkout", "-b", branch);
            site.Set("server", branch);
            site.Dvol("commit", "-m", branch);
        }

        site.Dvol("checkout", "alpha");
        Assert.Equal("alpha", site.Get("server"));
        site.Dvol("checkout", "master");
        Assert.Equal("first", site.Get("server"));
        var refused = site.TryDvol("checkout", "nobody");
        Assert.Equal((1, "", "Cannot switch to a non-existing branch nobody\n"), refused);
    }

    [DockerFact]
    [Trait("A4", "scenario 7, and written down only: rm removes containers and Docker's reference")]
    [Trait("A7", "line 36")]
    public void A_volume_in_use_is_not_removed_and_one_that_was_can_be_made_again()
    {
        using var site = new DockerSite(engine);
        site.Serve("server", "memory");
        site.Set("server", "kept");
        Assert.Equal((1, "", "Cannot remove 'memory' while it is in use by '/server'\n"), site.TryDvol("rm", "-f", "memory"));
        Assert.Equal("kept", site.Get("server"));
        site.Docker("docker stop -t 2 server");
        Assert.Equal("Deleting volume 'memory'\n", site.Dvol("rm", "-f", "memory"));
        Assert.Equal("", site.Docker("docker ps -aq"));
        Assert.Equal("", site.Docker("docker volume ls -q -f driver=NAME"));
        site.Serve("server", "memory");
        Assert.Equal("none", site.Get("server"));
    }

    [DockerFact]
    [Trait("A4", "scenario 10")]
    public void Two_volumes_have_contents_of_their_own()
    {
        using var site = new DockerSite(engine);
        site.Serve("one", "first");
        site.Serve("two", "second");
        site.Set("one", "1");
        site.Set("two", "2");
        Assert.Equal("1", site.Get("one"));
        Assert.Equal("2", site.Get("two"));
    }

    [DockerFact]
    [Trait("A4", "written down only: a value in memory gets into a commit that stops, and a reset drops it")]
    [Trait("A7", "lines 49, 84-90")]
    public void A_commit_that_stops_has_what_was_in_memory_only_and_a_reset_makes_the_server_read_again()
    {
        using var site = new DockerSite(engine);
        site.Serve("server", "memory");
        site.Set("server", "written");
        site.Remember("server", "remembered");
        var live = site.Dvol("commit", "-m", "live").Trim();
        Assert.Equal("written\n", site.Vt("cat", $"{live}/value"));
        Assert.Equal("remembered", site.Get("server"));
        var stopped = site.Dvol("commit", "--stop", "-m", "stopped").Trim();
        Assert.Equal("remembered\n", site.Vt("cat", $"{stopped}/value"));
        Assert.Equal("remembered", site.Get("server"));
        site.Set("server", "later");
        site.Dvol("reset", "--hard", live[..8]);
        Assert.Equal("written", site.Get("server"));
        Assert.Equal("/server", site.ContainersOf("memory"));
    }

    [DockerTheory]
    [Trait("A8", "lines 13-14, 48, 54, 60, 66-68, 74-76")]
    [InlineData("dvol")]
    [InlineData("vt")]
    public void The_commands_of_the_first_description_do_what_it_says(string driver)
    {
        using var site = new DockerSite(engine, driver);
        string Run(string command) => site.Docker($"docker run -v frob_mysql:/data --volume-driver={driver} busybox sh -c \"{command}\"");
        Assert.Equal("Created volume frob_mysql\nCreated branch frob_mysql/master\n", site.Dvol("init", "frob_mysql"));
        Run("echo hello > /data/file");
        Assert.Matches("^[0-9a-f]{40}\n$", site.Dvol("commit", "-m", "Hello", "frob_mysql"));
        Run("echo world > /data/file");
        Assert.Equal("world", Run("cat /data/file"));
        site.Dvol("reset", "--hard", "HEAD", "frob_mysql");
        Assert.Equal("hello", Run("cat /data/file"));
        Assert.Equal("4", site.Docker("docker ps -aq --filter status=exited | wc -l"));
    }

    [DockerFact]
    [Trait("A8", "line 54")]
    [Trait("A4", "behave: opaque names")]
    public void Anonymous_volumes_and_volumes_that_were_never_made_work()
    {
        using var site = new DockerSite(engine);
        site.Docker("docker run --name anonymous -v /data --volume-driver=NAME busybox sh -c 'echo x >/data/file'");
        var name = site.Docker("docker inspect -f '{{(index .Mounts 0).Name}}' anonymous");
        Assert.Matches("^[0-9a-f]{64}$", name);
        Assert.Contains(name, site.Dvol("list"), StringComparison.Ordinal);
        Assert.Equal("x", site.Docker("docker run --rm --volumes-from anonymous busybox cat /data/file"));
    }

    [DockerFact]
    [Trait("A7", "line 66")]
    public void A_commit_tells_which_containers_used_the_volume_also_after_they_are_gone()
    {
        using var site = new DockerSite(engine);
        site.Serve("server", "memory");
        site.Docker("docker run --name ended -v memory:/data --volume-driver=NAME busybox true");
        var container = site.Docker("docker inspect -f '{{.Id}}' server");
        var image = site.Docker("docker inspect -f '{{.Image}}' server");
        var id = site.Vt("commit", "--allow-empty", "-m", "m", "-V", "memory").Trim();
        site.Docker("docker rm -f server ended");
        using var json = JsonDocument.Parse(site.Vt("show", "--json", id));
        var provenance = json.RootElement.GetProperty("provenance");
        Assert.Equal(container, provenance.GetProperty("container/server").GetString());
        Assert.Equal("busybox", provenance.GetProperty("image/server").GetString());
        Assert.Equal(image, provenance.GetProperty("digest/server").GetString());
        Assert.StartsWith("sh -c 'mkfifo", provenance.GetProperty("command/server").GetString(), StringComparison.Ordinal);
        Assert.False(provenance.TryGetProperty("container/ended", out _));
        Assert.Contains($"From:   container/server={container}", site.Vt("log", "-V", "memory"), StringComparison.Ordinal);
    }
}
