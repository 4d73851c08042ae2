using Vt.SystemTests.Commands;
using Vt.Tests.Support;

namespace Vt.SystemTests.Serving;

public sealed class ServeTests : IDisposable
{
    readonly TempFolder _folder = new();
    readonly VtCommand _there;
    readonly VtCommand _here;

    public ServeTests()
    {
        _there = new VtCommand(_folder["there"]);
        _there.Succeed("init");
        _here = new VtCommand(_folder["here"]);
        Shell.Succeed($"mkdir '{_folder["tree"]}' && cd '{_folder["tree"]}' && cp -a /usr/include/linux . && head -c 3000000 /dev/urandom > random && ln -s random link && ln random hard");
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("socket")]
    [InlineData("tcp")]
    [InlineData("command")]
    [InlineData("ssh")]
    [InlineData("ssh, several connections")]
    [InlineData("ssh that forwards nothing")]
    public void A_tree_goes_over_any_line_and_comes_back(string line)
    {
        using var server = line is "socket" or "tcp" ? new ServerProcess(_there, 2, _folder["vt.sock"], "tcp:127.0.0.1:0", "--secret-file", _folder["secret"]) : null;
        using var ssh = line.StartsWith("ssh", StringComparison.Ordinal) ? new SshServer(line.EndsWith("nothing", StringComparison.Ordinal) ? "DisableForwarding yes" : "") : null;
        var spec = line switch
        {
            "socket" => _folder["vt.sock"],
            "tcp" => $"tcp(host=127.0.0.1,port={server!.Port},secret_file={_folder["secret"]})",
            "command" => $"|{_there.Line("serve", "-")}",
            _ => $"ssh(host=test,ssh_config={ssh!.Config},connections={(line == "ssh, several connections" ? 4 : 1)},program=\"{_there.Line()}\")",
        };
        _here.Environment["VT_STORE"] = spec;
        _here.Succeed("import", _folder["tree"], _folder["a.vt"]);
        Assert.Contains("0 faults", _here.Run("fsck", _folder["a.vt"]).Errors, StringComparison.Ordinal);
        _here.Succeed("export", _folder["a.vt"], _folder["back"]);
        Shell.Succeed($"diff -r --no-dereference '{_folder["tree"]}' '{_folder["back"]}'");

        // Whoever is there has it all.
        Assert.Contains("0 faults", _there.Run("fsck", _folder["a.vt"]).Errors, StringComparison.Ordinal);
        Assert.Contains(" 0 B new", _here.Run("import", _folder["tree"], _folder["b.vt"]).Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_large_goes_over_several_channels_of_ssh_of_which_nothing_is_left(bool isLost)
    {
        using var ssh = new SshServer();
        var temporary = Directory.CreateDirectory(_folder["tmp"]).FullName;
        _here.Environment["TMPDIR"] = temporary;
        _here.Environment["VT_STORE"] = $"ssh(host=test,ssh_config={ssh.Config},program=\"{_there.Line()}\")";
        Shell.Succeed($"head -c 300000000 /dev/urandom > '{_folder["large"]}'");
        using var save = _here.Start("save", _folder["large"]);
        var (errors, said) = (save.StandardError.ReadToEndAsync(), save.StandardOutput.ReadToEndAsync());
        var most = 0;
        var sockets = new HashSet<string>();
        while (!save.WaitForExit(5))
        {
            // Each that was accepted has the path of the socket at which it was (/proc/net/unix: state 3 is connected).
            most = Math.Max(most, File.ReadLines("/proc/net/unix").Count(line => line.Contains($" {temporary}/vt-ssh-", StringComparison.Ordinal) && line.Contains(" 03 ", StringComparison.Ordinal)));
            if (FindSsh($"{temporary}/vt-ssh-") is not var (id, there))
                continue;
            if (sockets.Add(there))
                continue;
            if (isLost && most >= 3 && sockets.Count == 1)
                Shell.Run($"kill -9 {id}");
        }

        Assert.True(save.ExitCode == 0, await errors);
        Assert.InRange(most, 3, 15);
        Assert.InRange(sockets.Count, isLost ? 2 : 1, isLost ? 9 : 1);
        Shell.Succeed($"{_there.Line("cat", (await said).Trim())} | cmp - '{_folder["large"]}'");
        foreach (var socket in sockets)
            Assert.False(Directory.Exists(Path.GetDirectoryName(socket)), $"{socket} was left");
        Assert.Empty(Directory.GetFileSystemEntries(temporary));
    }

    // The ssh that forwards a socket below a folder, and where to.
    static (int Id, string There)? FindSsh(string prefix)
    {
        foreach (var process in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(process), out var id))
                continue;
            try
            {
                var arguments = File.ReadAllText($"{process}/cmdline").Split('\0');
                if (Array.Find(arguments, argument => argument.StartsWith(prefix, StringComparison.Ordinal)) is { } forwarded)
                    return (id, forwarded[(forwarded.IndexOf(':', StringComparison.Ordinal) + 1)..]);
            }
            catch (IOException)
            {
                // It has ended.
            }
        }

        return null;
    }

    [Fact]
    public void The_server_of_one_client_goes_with_it_and_says_nothing()
    {
        for (var i = 0; i < 10; i++)
            Assert.Equal("", Shell.Succeed($"{_there.Line("serve", "-", "--channels", _folder["channels/socket"])} 2>&1 < /dev/null"));
        Assert.False(Directory.Exists(_folder["channels"]));
    }

    [Fact]
    public async Task A_server_that_is_killed_while_a_tree_is_imported_costs_a_retry()
    {
        var socket = _folder["vt.sock"];
        var server = new ServerProcess(_there, 1, socket);
        _here.Environment["VT_STORE"] = socket;
        Shell.Succeed($"head -c 60000000 /dev/urandom > '{_folder["tree"]}/large'");
        using var import = _here.Start("import", _folder["tree"], _folder["a.vt"]);
        var errors = import.StandardError.ReadToEndAsync();
        while (!import.HasExited && Shell.Succeed($"find '{_there.Store}' -name '*.vtd' -size +500k").Length == 0)
            import.WaitForExit(20);
        for (var i = 0; i < 4 && !import.WaitForExit(250); i++)
        {
            server.Kill();
            server.Dispose();
            server = new ServerProcess(_there, 1, socket);
        }

        import.WaitForExit();
        Assert.True(import.ExitCode == 0, await errors);
        server.Dispose();
        Assert.Contains("0 faults", _there.Run("fsck", _folder["a.vt"]).Errors, StringComparison.Ordinal);
        _there.Succeed("export", _folder["a.vt"], _folder["back"]);
        Shell.Succeed($"diff -r --no-dereference '{_folder["tree"]}' '{_folder["back"]}'");
    }

    [Fact]
    public void One_server_has_an_address_and_what_a_killed_one_left_is_no_obstacle()
    {
        var socket = _folder["vt.sock"];
        using (var server = new ServerProcess(_there, 1, socket))
        {
            Assert.Equal("600", Shell.Succeed($"stat -c %a '{socket}'"));
            var second = _there.Run("serve", socket);
            Assert.Equal((1, $"vt: {socket}: somebody serves there already; end it first, or say another address\n"), (second.ExitCode, second.Errors));
            server.Kill();
        }

        Assert.True(File.Exists(socket));
        using (var server = new ServerProcess(_there, 1, socket, "--mode", "660"))
        {
            Assert.Equal("660", Shell.Succeed($"stat -c %a '{socket}'"));
            Assert.Equal(0, server.Stop());
        }

        Assert.False(File.Exists(socket));
        _folder.Write("file", "not a socket");
        var refused = _there.Run("serve", _folder["file"]);
        Assert.Equal(1, refused.ExitCode);
        Assert.Equal("not a socket", File.ReadAllText(_folder["file"]));
    }

    [Fact]
    public void A_socket_that_systemd_listens_to_is_taken_over()
    {
        var socket = _folder["vt.sock"];
        _folder.Write("activate.py", """
            import os, socket, sys
            s = socket.socket(socket.AF_UNIX)
            s.bind(sys.argv[1] + ".new")
            s.listen(16)
            os.rename(sys.argv[1] + ".new", sys.argv[1])
            if s.fileno() != 3:
                os.dup2(s.fileno(), 3)
            os.set_inheritable(3, True)
            os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
            os.execvp(sys.argv[2], sys.argv[2:])
            """);
        using var server = System.Diagnostics.Process.Start("bash", ["-c", $"exec python3 '{_folder["activate.py"]}' '{socket}' {_there.Line("-q", "serve").Replace("'env' '-i'", "'env'", StringComparison.Ordinal)}"]);
        _here.Environment["VT_STORE"] = socket;
        for (var i = 0; i < 100 && !File.Exists(socket); i++)
            Shell.Succeed("sleep 0.1");
        _here.Succeed("import", _folder["tree"], _folder["a.vt"]);
        Shell.Succeed($"kill -TERM {server.Id}");
        server.WaitForExit();
        Assert.Equal(0, server.ExitCode);
        Assert.Contains("0 faults", _there.Run("fsck", _folder["a.vt"]).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Several_stores_are_served_by_name_and_each_as_it_is_said()
    {
        _here.Succeed("init");
        using var server = new ServerProcess(
            _there, 1, "tcp:127.0.0.1:0", "--secret-file", _folder["secret"], "--export", $"one=\"{_there.Store}\"", "--export", $"two:read-only=\"{_here.Store}\"");
        string Spec(string export) => $"tcp(host=127.0.0.1,port={server.Port},secret_file={_folder["secret"]},export={export})";
        _here.Succeed("-S", Spec("one"), "import", _folder["tree"], _folder["a.vt"]);
        Assert.Contains("0 faults", _there.Run("fsck", _folder["a.vt"]).Errors, StringComparison.Ordinal);
        var refused = _here.Run("-S", Spec("two"), "import", _folder["tree"], _folder["b.vt"]);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("[two] is served read-only to this client", refused.Errors, StringComparison.Ordinal);
        var unknown = _here.Run("-S", Spec("three"), "ls", _folder["a.vt"]);
        Assert.Equal(1, unknown.ExitCode);
        Assert.Contains("[three] is not served; there is [one], [two]", unknown.Errors, StringComparison.Ordinal);
        File.Delete(_folder["secret"]);
        var without = _here.Run("-S", $"tcp:127.0.0.1:{server.Port}", "ls", _folder["a.vt"]);
        Assert.Equal(1, without.ExitCode);
        Assert.Contains("copy its secret to", without.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("somewhere: is neither a path of a socket nor tcp:[HOST]:PORT", "serve", "somewhere")]
    [InlineData("-: who is served over standard input and output is served alone", "serve", "-", "/x/y.sock")]
    [InlineData("--read-only and --append-only: only one of them can hold", "serve", "-r", "-a")]
    [InlineData("--mode: '9' are no permissions", "serve", "--mode", "9")]
    [InlineData("'x' is not of the form NAME[:ACCESS]=SPEC", "serve", "-x", "x")]
    [InlineData("'often' is none of read-only", "serve", "-x", "x:often=/y")]
    [InlineData("nobody serves there", "-S", "/nowhere/vt.sock", "ls", "x.vt")]
    [InlineData("ssh can't be started", "-S", "ssh(host=x,ssh=/nowhere/ssh)", "ls", "D{}")]
    [InlineData("|echo no server; echo for a reason >&2: for a reason", "-S", "|echo no server; echo for a reason >&2", "log", "x")]
    public void What_can_not_be_is_said_in_a_line(string message, params string[] arguments)
    {
        var run = _here.Run(arguments);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(message, run.Errors, StringComparison.Ordinal);
        Assert.Single(run.Errors.TrimEnd('\n').Split('\n'));
    }
}
