using System.Text.Json;
using Vt.SystemTests.Commands;
using Vt.SystemTests.Serving;
using Vt.Tests.Support;

namespace Vt.SystemTests.Remotes;

public sealed class RemoteTests : IDisposable
{
    readonly TempFolder _folder = new();
    readonly VtCommand _there;
    readonly VtCommand _here;

    public RemoteTests()
    {
        _there = new VtCommand(_folder["there"]);
        _there.Succeed("init");
        _here = new VtCommand(_folder["here"]);
        _here.Environment["VT_AUTHOR"] = "Ann <ann@example.org>";
        _here.Succeed("init");
        _here.Succeed("volume", "init", "v");
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("socket")]
    [InlineData("command")]
    [InlineData("ssh")]
    [InlineData("folder")]
    public void A_volume_goes_over_any_line_and_comes_back(string line)
    {
        using var server = line == "socket" ? new ServerProcess(_there, 1, _folder["vt.sock"]) : null;
        using var ssh = line == "ssh" ? new SshServer() : null;
        var remote = line switch
        {
            "socket" => _folder["vt.sock"],
            "command" => $"|{_there.Line("serve", "-")}",
            "ssh" => $"ssh(host=test,ssh_config={ssh!.Config},program=\"{_there.Line()}\")",
            _ => _there.Store,
        };
        Commit(_here, "first", 3_000_000);
        Assert.Contains("v@main  new", _here.Succeed("push", "--verify", remote), StringComparison.Ordinal);
        var third = new VtCommand(_folder["third"]);
        third.Environment["VT_AUTHOR"] = "Ben <ben@example.org>";
        third.Succeed("init");
        third.Succeed("clone-remote", remote);
        third.Succeed("export", "v@main", _folder["back"]);
        Shell.Succeed($"diff -r '{_folder["tree"]}' '{_folder["back"]}'");
        Commit(third, "second", 100_000);
        third.Succeed("push", remote);
        Assert.Contains("moved on", _here.Succeed("pull", remote), StringComparison.Ordinal);
        Assert.Equal(third.Succeed("log", "--oneline"), _here.Succeed("log", "--oneline"));
        Assert.Contains("0 faults", _there.Run("fsck", "v@main").Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_server_over_http_is_pulled_from()
    {
        Commit(_here, "first", 500_000);
        using var server = _here.Start("httpd", "127.0.0.1:0");
        var said = "";
        while (!said.Contains("http://", StringComparison.Ordinal))
            said = server.StandardError.ReadLine() ?? throw new InvalidOperationException("vt httpd does not serve");
        var url = "http://" + said.Split("http://")[1].Split([' ', ','])[0];
        _there.Succeed("clone-remote", url);
        _there.Succeed("export", "v@main", _folder["back"]);
        Shell.Succeed($"diff -r '{_folder["tree"]}' '{_folder["back"]}'");
        var refused = _there.Run("push", url, "v");
        Assert.True(refused.ExitCode is 0 or 1, refused.Errors);
        Commit(_there, "second", 1000);
        Assert.Equal(1, _there.Run("-q", "push", url).ExitCode);
        Shell.Succeed($"kill -TERM {server.Id}");
        server.WaitForExit();
    }

    [Fact]
    public void Only_what_is_missing_goes_over_the_line()
    {
        using var server = new ServerProcess(_there, 1, _folder["vt.sock"]);
        using var relay = new CountingRelay(_folder["relay.sock"], _folder["vt.sock"]);
        Commit(_here, "first", 20_000_000);
        _here.Succeed("push", relay.Path);
        Assert.InRange(relay.Take(), 20_000_000, 20_600_000);
        Commit(_here, "second", 200_000);
        var stats = JsonDocument.Parse(_here.Succeed("push", "--stats", "--json", relay.Path).Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]).RootElement;
        Assert.InRange(stats.GetProperty("sent_bytes").GetInt64(), 200_000, 300_000);
        Assert.InRange(relay.Take(), 200_000, 400_000);
        _here.Succeed("push", relay.Path);
        Assert.InRange(relay.Take(), 1, 20_000);
        var third = new VtCommand(_folder["third"]);
        third.Succeed("init");
        third.Succeed("clone-remote", relay.Path);
        Assert.InRange(relay.Take(), 20_200_000, 20_900_000);
        third.Succeed("pull", relay.Path);
        Assert.InRange(relay.Take(), 1, 20_000);
    }

    [Fact]
    public void Two_whole_stores_are_brought_together_without_a_listing()
    {
        using var server = new ServerProcess(_there, 1, _folder["vt.sock"]);
        using var relay = new CountingRelay(_folder["relay.sock"], _folder["vt.sock"]);
        Commit(_here, "first", 10_000_000);
        _here.Succeed("push", "--all-blocks", relay.Path);
        relay.Take();
        Assert.Contains("all blocks  brought", _here.Succeed("push", "--all-blocks", relay.Path), StringComparison.Ordinal);
        Assert.InRange(relay.Take(), 1, 40_000);

        // What nothing leads to goes too.
        File.WriteAllText(_folder["loose"], "nothing leads here");
        var loose = _here.Succeed("save", _folder["loose"]);
        _here.Succeed("push", "--all-blocks", relay.Path);
        Assert.InRange(relay.Take(), 1, 60_000);
        Assert.Equal("nothing leads here", _there.Succeed("cat", loose.Trim().Split(' ', '\n')[0]));
        var third = new VtCommand(_folder["third"]);
        third.Succeed("init");
        third.Succeed("pull", "--all-blocks", relay.Path);
        Assert.Equal("nothing leads here", third.Succeed("cat", loose.Trim().Split(' ', '\n')[0]));
        Assert.Contains("0 faults", third.Run("fsck", "v@main").Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Whoever_is_killed_in_a_push_leaves_nothing_that_promises_more_than_is_there_and_the_next_goes_on()
    {
        var socket = _folder["vt.sock"];
        var server = new ServerProcess(_there, 1, socket);
        Commit(_here, "first", 60_000_000);
        for (var i = 0; i < 3; i++)
        {
            using var relay = new CountingRelay(_folder[$"relay{i}.sock"], socket);
            using var push = _here.Start("-q", "push", "--limit", "20M", relay.Path);
            relay.WaitFor(8_000_000);
            push.Kill();
            push.WaitForExit();
            Assert.NotEqual(0, push.ExitCode);
            Assert.DoesNotContain("v@main", _here.Succeed("remote", "show", socket), StringComparison.Ordinal);
        }

        // What was brought counts: less is left to send.
        var left = JsonDocument.Parse(_here.Succeed("push", "-n", "--stats", "--json", socket).Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]).RootElement.GetProperty("missing_bytes").GetInt64();
        Assert.InRange(left, 1, 55_000_000);

        // And a server that dies costs a retry.
        using (var relay = new CountingRelay(_folder["relay.sock"], socket))
        {
            using var push = _here.Start("-q", "push", "--limit", "20M", socket);
            using var other = _here.Start("-q", "push", "--limit", "20M", relay.Path);
            relay.WaitFor(4_000_000);
            server.Kill();
            server.Dispose();
            server = new ServerProcess(_there, 1, socket);
            push.WaitForExit();
            other.WaitForExit();
            Assert.True(push.ExitCode == 0, push.StandardError.ReadToEnd());
            Assert.True(other.ExitCode == 0, other.StandardError.ReadToEnd());
        }

        server.Dispose();
        Assert.Contains("0 faults", _there.Run("fsck", "v@main").Errors, StringComparison.Ordinal);
        _there.Succeed("export", "v@main", _folder["back"]);
        Shell.Succeed($"diff -r '{_folder["tree"]}' '{_folder["back"]}'");
    }

    [Fact]
    public void Of_two_who_push_at_once_one_is_refused_cleanly()
    {
        using var server = new ServerProcess(_there, 1, _folder["vt.sock"]);
        Commit(_here, "first", 100_000);
        _here.Succeed("push", _folder["vt.sock"]);
        var third = new VtCommand(_folder["third"]);
        third.Environment["VT_AUTHOR"] = "Ben <ben@example.org>";
        third.Succeed("init");
        third.Succeed("clone-remote", _folder["vt.sock"]);
        for (var round = 0; round < 2; round++)
        {
            Commit(_here, $"ours {round}", 400_000);
            Commit(third, $"theirs {round}", 400_000);
            using var one = _here.Start("-q", "push", _folder["vt.sock"]);
            using var other = third.Start("-q", "push", _folder["vt.sock"]);
            one.WaitForExit();
            other.WaitForExit();
            Assert.Equal(1, one.ExitCode + other.ExitCode);
            var (lost, command) = one.ExitCode == 0 ? (other, third) : (one, _here);
            Assert.Contains("vt merge", lost.StandardError.ReadToEnd(), StringComparison.Ordinal);

            // Both are there once the loser has done as it was told.
            Assert.Equal(1, command.Run("-q", "pull", _folder["vt.sock"]).ExitCode);
            command.Succeed("merge", Tracked(command));
            command.Succeed("push", _folder["vt.sock"]);
            (command == _here ? third : _here).Succeed("pull", _folder["vt.sock"]);
        }

        Assert.Contains("0 faults", _there.Run("fsck", "v@main").Errors, StringComparison.Ordinal);
        foreach (var file in (string[])["ours 0", "ours 1", "theirs 1"])
            Assert.Equal(400_000, _there.Succeed("cat", $"v@main/{file}").Length);
    }

    [Fact]
    public void Sync_of_a_mount_is_a_checkpoint_and_of_a_remote_goes_both_ways()
    {
        Commit(_here, "first", 1000);
        Assert.Contains("v@main  new", _here.Succeed("sync", _there.Store), StringComparison.Ordinal);
        var refused = _here.Run("sync", _folder.Make("empty"));
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("there is no store", refused.Errors, StringComparison.Ordinal);
    }

    // The message of a refused pull has the name.
    string Tracked(VtCommand command) =>
        command.Run("-q", "pull", _folder["vt.sock"]).Errors.Split("vt merge -V v -b main ")[1].Split(' ')[0];

    /// <summary>Adds a file of random letters to the tree and commits that.</summary>
    void Commit(VtCommand vt, string name, int bytes)
    {
        var tree = vt == _here ? _folder["tree"] : _folder[$"tree of {(vt == _there ? "there" : "third")}"];
        if (!Directory.Exists(tree))
            vt.Run("-q", "export", "v@main", tree);
        Directory.CreateDirectory(tree);
        if (vt != _here)
            Shell.Succeed($"cp -n '{_folder["tree"]}'/* '{tree}'/ || true");
        var content = new byte[bytes];
        new Random(name.GetHashCode(StringComparison.Ordinal)).NextBytes(content);
        for (var i = 0; i < bytes; i++)
            content[i] = (byte)(content[i] & 0x7f);
        File.WriteAllBytes(Path.Combine(tree, name), content);
        var archive = Directory.GetFiles(Path.GetDirectoryName(vt.Store)!, "main.vt", SearchOption.AllDirectories).Single();
        vt.Succeed("-q", "import", tree, archive);
        vt.Environment.TryAdd("VT_AUTHOR", "Eve <eve@example.org>");
        vt.Succeed("commit", "-V", "v", "-m", name);
        if (vt != _here)
            Shell.Succeed($"cp '{tree}/{name}' '{_folder["tree"]}'/");
    }
}
