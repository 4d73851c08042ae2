using System.Globalization;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Vt.SystemTests.Commands;

namespace Vt.SystemTests.Docker;

/// <summary>The plugin under a real engine: restarts, branches, copies, names, and what it answers to whoever asks in whatever order.</summary>
[Collection(DockerCollection.Name)]
public sealed class PluginTests(DockerEngine engine)
{
    [DockerFact]
    [Trait("A7", "line 80")]
    public void A_plugin_that_is_killed_and_started_again_breaks_no_container()
    {
        using var site = new DockerSite(engine);
        site.Serve("server", "memory");
        site.Set("server", "before");
        var mounts = site.Mounts;
        Assert.Equal(137, site.EndPlugin("KILL"));
        site.Set("server", "while it is dead");
        Assert.Equal(mounts, site.Mounts);
        site.StartPlugin();
        Assert.Equal("while it is dead", site.Get("server"));
        site.Docker("docker run -d --name other -v memory:/data --volume-driver=NAME busybox sleep 1000");
        site.Docker("docker stop -t 1 server");
        Assert.Equal(mounts, site.Mounts);
        Assert.Equal("while it is dead", site.Docker("docker exec other cat /data/value"));
        site.Docker("docker stop -t 1 other");
        Assert.Empty(site.Mounts);
        site.Docker("docker start server");
        Assert.Equal("while it is dead", site.Get("server"));
    }

    [DockerFact]
    public void A_plugin_that_is_ended_leaves_its_mounts_and_no_socket()
    {
        using var site = new DockerSite(engine);
        site.Serve("server", "memory");
        Assert.True(File.Exists(site.Socket));
        Assert.Equal(0, site.EndPlugin());
        Assert.False(File.Exists(site.Socket));
        site.Set("server", "still there");
        Assert.Single(site.Mounts);
        site.StartPlugin();
        site.Docker("docker rm -f server");
        Assert.Empty(site.Mounts);
    }

    [DockerFact]
    [Trait("A6", "vol@branch")]
    public void A_name_with_a_branch_stays_with_it_whatever_is_checked_out()
    {
        using var site = new DockerSite(engine);
        site.Serve("server", "memory");
        site.Set("server", "of master");
        site.Dvol("commit", "-m", "m");
        site.Dvol("checkout", "-b", "alpha");
        site.Set("server", "of alpha");
        site.Serve("pinned", "memory@master");
        Assert.Equal("of master", site.Get("pinned"));
        site.Set("pinned", "of the pinned one");
        site.Dvol("commit", "--volume", "memory", "--branch", "master", "-m", "of the pinned one");
        Assert.Contains("container/pinned=", site.Vt("log", "memory@master", "-n", "1"), StringComparison.Ordinal);
        Assert.Equal("of alpha", site.Get("server"));
        Assert.Equal("/pinned,/server", site.ContainersOf("memory"));
        var refused = site.TryDocker("docker run --rm -v memory@nobody:/data --volume-driver=NAME busybox true");
        Assert.Contains("there is no branch 'nobody' in memory", refused.Output, StringComparison.Ordinal);
        Assert.Equal("memory\nmemory@master", site.Docker("docker volume ls -q -f driver=NAME"));
    }

    [DockerFact]
    [Trait("A6", "vol^branch")]
    public void A_name_with_a_caret_is_a_copy_for_each_container_that_goes_with_it()
    {
        using var site = new DockerSite(engine);
        site.Serve("server", "memory");
        site.Set("server", "committed");
        site.Dvol("commit", "-m", "m");
        site.Set("server", "dirty");
        site.Serve("one", "memory^master");
        site.Serve("two", "memory^");
        Assert.Equal("committed", site.Get("one"));
        site.Set("one", "1");
        site.Set("two", "2");
        Assert.Equal(("1", "2", "dirty"), (site.Get("one"), site.Get("two"), site.Get("server")));
        site.Serve("three", "memory^master");
        Assert.Equal("committed", site.Get("three"));
        Assert.Equal(4, site.Mounts.Count);
        site.Docker("docker rm -f one two three");
        Assert.Single(site.Mounts);
        Assert.Empty(Directory.GetDirectories(Path.Combine(site.Home, ".local/share/vt/forks")));
    }

    [DockerFact]
    [Trait("B4", "copy-up")]
    public void An_images_content_gets_into_a_new_volume_with_its_roots_owner_and_mode_and_a_reset_gives_both_back()
    {
        using var site = new DockerSite(engine);
        site.Docker("docker run --name first -v content:/full --volume-driver=NAME full cat /full/file");
        site.Dvol("commit", "-m", "m");
        const string Look = "docker run --rm -v content:/full --volume-driver=NAME busybox stat -c '%u:%g %a' /full /full/file";
        Assert.Equal("999:999 750\n999:999 644", site.Docker(Look));
        site.Docker("docker run --rm -v content:/full --volume-driver=NAME busybox sh -c 'rm /full/file; chmod 777 /full; chown 0:0 /full'");
        site.Dvol("reset", "--hard", "HEAD");
        Assert.Equal("999:999 750\n999:999 644", site.Docker(Look));
        Assert.Equal("from the image", site.Docker("docker run --rm -u 999:999 -v content:/full --volume-driver=NAME busybox cat /full/file"));
    }

    [DockerFact]
    public void A_volume_that_docker_forgets_is_still_there_and_comes_back_with_its_name()
    {
        using var site = new DockerSite(engine);
        site.Docker("docker run --rm -v memory:/data --volume-driver=NAME busybox sh -c 'echo kept >/data/file'");
        site.Docker("docker volume rm memory");
        Assert.Equal("", site.Docker("docker volume ls -q -f driver=NAME"));
        Assert.Contains("memory", site.Vt("volume", "list"), StringComparison.Ordinal);
        site.EndPlugin();
        site.StartPlugin();
        Assert.Equal("", site.Docker("docker volume ls -q -f driver=NAME"));
        Assert.Equal("kept", site.Docker("docker run --rm -v memory:/data --volume-driver=NAME busybox cat /data/file"));
        Assert.Equal("memory", site.Docker("docker volume ls -q -f driver=NAME"));
        Assert.Contains("is no option of a volume", site.TryDocker("docker volume create -d NAME -o size=1 x").Output, StringComparison.Ordinal);
    }

    [DockerFact]
    [Trait("A7", "line 80")]
    public async Task Calls_in_any_order_are_answered()
    {
        using var site = new DockerSite(engine);
        using var http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, token) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(site.Socket), token);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
        async Task<JsonElement> AskAsync(string call, string body = "")
        {
            using var answer = await http.PostAsync($"http://plugin/{call}", new StringContent(body));
            Assert.Equal("application/vnd.docker.plugins.v1.2+json", answer.Content.Headers.ContentType!.ToString());
            return await answer.Content.ReadFromJsonAsync<JsonElement>();
        }

        async Task<string> FaultAsync(string call, string body = "") => (await AskAsync(call, body)).GetProperty("Err").GetString()!;
        async Task<string> MountAsync(string name, string id)
        {
            var answer = await AskAsync("VolumeDriver.Mount", $$"""{"Name":"{{name}}","ID":"{{id}}"}""");
            Assert.Equal("", answer.GetProperty("Err").GetString());
            return answer.GetProperty("Mountpoint").GetString()!;
        }

        Assert.Equal("""{"Implements":["VolumeDriver"]}""", (await AskAsync("Plugin.Activate")).GetRawText());
        Assert.Equal("local", (await AskAsync("VolumeDriver.Capabilities", "{}")).GetProperty("Capabilities").GetProperty("Scope").GetString());
        Assert.Equal("there is no volume 'v'", await FaultAsync("VolumeDriver.Get", """{"Name":"v"}"""));
        Assert.Equal("", await FaultAsync("VolumeDriver.Unmount", """{"Name":"v","ID":"x"}"""));
        Assert.Equal("", await FaultAsync("VolumeDriver.Remove", """{"Name":"v"}"""));
        Assert.Equal("", (await AskAsync("VolumeDriver.Path", """{"Name":"v"}""")).GetProperty("Mountpoint").GetString());

        // A mount makes the volume; what is told twice counts once.
        var place = await MountAsync("v", "a");
        Assert.Equal(place, await MountAsync("v", "a"));
        Assert.Equal(place, await MountAsync("v", "b"));
        Assert.Equal([place], site.Mounts);
        Assert.Equal(place, (await AskAsync("VolumeDriver.Get", """{"Name":"v"}""")).GetProperty("Volume").GetProperty("Mountpoint").GetString());
        Assert.Equal("'v' is mounted for a container", await FaultAsync("VolumeDriver.Remove", """{"Name":"v"}"""));
        Assert.Equal("", await FaultAsync("VolumeDriver.Unmount", """{"Name":"v","ID":"a"}"""));
        Assert.Equal("", await FaultAsync("VolumeDriver.Unmount", """{"Name":"v","ID":"a"}"""));
        Assert.Equal([place], site.Mounts);

        // Somebody has unmounted it under the plugin.
        site.Vt("umount", place);
        Assert.Equal("", await FaultAsync("VolumeDriver.Unmount", """{"Name":"v","ID":"b"}"""));
        Assert.Equal(place, await MountAsync("v", "c"));

        // Its server has died.
        using (var status = JsonDocument.Parse(site.Vt("status", "--json", place)))
            Shell.Succeed($"kill -KILL {status.RootElement.GetProperty("process").GetInt32().ToString(CultureInfo.InvariantCulture)}");
        DockerEngine.Await(() => Shell.Run($"stat -f '{place}'").ExitCode != 0, "the server is gone");
        Assert.Equal(place, await MountAsync("v", "d"));
        Shell.Succeed($"touch '{place}/file'");
        Assert.Equal("", await FaultAsync("VolumeDriver.Unmount", """{"Name":"v","ID":"c"}"""));
        Assert.Equal("", await FaultAsync("VolumeDriver.Unmount", """{"Name":"v","ID":"d"}"""));
        Assert.Empty(site.Mounts);
        foreach (var name in new[] { "../x", "a/b", "a b", "", "größe", ".x", "x.vt", "v@", "v@a..b", "v^-x" })
            Assert.NotEqual("", await FaultAsync("VolumeDriver.Mount", $$"""{"Name":"{{name}}","ID":"a"}"""));
        Assert.Contains("is no call", await FaultAsync("VolumeDriver.Frob"), StringComparison.Ordinal);
        Assert.Contains("is no JSON", await FaultAsync("VolumeDriver.Get", "{"), StringComparison.Ordinal);
        Assert.Contains("has no Name", await FaultAsync("VolumeDriver.Get", "{}"), StringComparison.Ordinal);
        Assert.Empty(site.Mounts);

        // Many at once, on one volume and on several.
        var places = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => MountAsync(i % 2 == 0 ? "v" : "w", i.ToString(CultureInfo.InvariantCulture))));
        Assert.Equal(2, places.Distinct().Count());
        Assert.Equal(2, site.Mounts.Count);
    }

    [DockerFact]
    public void Two_plugins_of_one_name_are_refused_and_a_dead_ones_socket_is_not_in_the_way()
    {
        using var site = new DockerSite(engine);
        var second = site.TryVt("docker-plugin", "--name", site.Driver);
        Assert.Equal(1, second.ExitCode);
        Assert.Contains("another docker-plugin of this name runs", second.Errors, StringComparison.Ordinal);
        using (var other = new DockerSite(engine, site.Driver, isStarted: false))
        {
            var refused = other.TryVt("docker-plugin", "--name", site.Driver, "--socket", site.Socket);
            Assert.Contains("somebody serves there already", refused.Errors, StringComparison.Ordinal);
            Assert.Equal(1, site.TryVt("docker-plugin", "--name", "a/b").ExitCode);
            site.EndPlugin("KILL");
            Assert.True(File.Exists(site.Socket));
            site.StartPlugin();
            Assert.Equal("", site.Docker("docker volume ls -q -f driver=NAME"));
            site.Docker("docker volume create -d NAME made");
            Assert.Equal("made", site.Docker("docker volume ls -q -f driver=NAME"));
        }
    }

    [DockerFact]
    public void A_service_manager_is_told_when_it_serves_and_when_it_ends()
    {
        using var site = new DockerSite(engine, isStarted: false);
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        var path = Path.Combine(site.Home, "notify");
        manager.Bind(new UnixDomainSocketEndPoint(path));
        manager.ReceiveTimeout = 60_000;
        site.Environment["NOTIFY_SOCKET"] = path;
        site.StartPlugin();
        var said = new byte[100];
        Assert.Equal("READY=1", System.Text.Encoding.UTF8.GetString(said, 0, manager.Receive(said)));
        Assert.Equal(0, site.EndPlugin());
        Assert.Equal("STOPPING=1", System.Text.Encoding.UTF8.GetString(said, 0, manager.Receive(said)));
    }
}
