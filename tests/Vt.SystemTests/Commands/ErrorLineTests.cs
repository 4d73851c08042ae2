using Vt.Tests.Support;

namespace Vt.SystemTests.Commands;

/// <summary>Whatever is wrong, a person gets one line that says what, where and mostly what to do, and a script an exit status.</summary>
public sealed class ErrorLineTests : IDisposable
{
    readonly TempFolder _folder = new();
    readonly VtCommand _vt;

    public ErrorLineTests()
    {
        _vt = new VtCommand(_folder["home"]);
        _vt.Succeed("init");
        _folder.Make("tree");
        File.WriteAllBytes(_folder["tree/file"], new byte[1000]);
        var noise = new byte[3_000_000];
        new Random(1).NextBytes(noise);
        File.WriteAllBytes(_folder["tree/noise"], noise);
        _vt.Succeed("-q", "import", _folder["tree"], _folder["a.vt"]);
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("a whole number", 2, "pull", "--parallel", "x", "/none")]
    [InlineData("--grace: from 0 to", 1, "serve", "--grace", "-1", "/none.sock")]
    [InlineData("at least one client", 1, "serve", "--max-connections", "0", "/none.sock")]
    [InlineData("is no address to listen at", 1, "httpd", "nonsense")]
    [InlineData("Required argument 'DIR'", 2, "static")]
    [InlineData("say which command", 2, "cache")]
    [InlineData("is no command", 2, "platonic", "polish")]
    [InlineData("there is no remote 'nowhere'", 1, "push", "nowhere")]
    [InlineData("is no number of bytes a second", 1, "sync", "--limit", "fast", "/none")]
    [InlineData("is no address of a vt httpd", 1, "publish", "--http", "nonsense", "/")]
    public void Wrong_arguments(string line, int code, params string[] arguments) => Fails(_vt.Run(arguments), line, code);

    [Theory]
    [InlineData("/none: there is no store; \"vt init\" makes one", "push", "/none")]
    [InlineData("none.vtd: there is no such file; vt pack makes one", "clone-remote", "file:/none.vtd")]
    [InlineData("none.vtd: there is no such file; vt pack makes one", "unpack", "/none.vtd")]
    [InlineData("/none: No such file or directory", "publish", "/none")]
    [InlineData("/none/x.vtd can't be written: No such file or directory", "pack", "/none/x.vtd", "HERE/a.vt")]
    [InlineData("HERE/tree can't be written: Is a directory", "pack", "HERE/tree", "HERE/a.vt")]
    [InlineData("HERE/tree/file: this is a file; name a folder", "static", "HERE/tree/file")]
    [InlineData("/none: there is no store; \"vt init\" makes one", "serve", "--export", "a=/none", "HERE/vt.sock")]
    [InlineData("/dev/null/cache: ", "-C", "cache(path=/dev/null/cache,writeback=yes)", "ls", "HERE/a.vt")]
    [InlineData("/none: there is no such folder", "-S", "platonic(path=/none)", "platonic", "scan")]
    public void What_is_not_there_or_something_else(string line, params string[] arguments) =>
        Fails(_vt.Run([.. arguments.Select(Place)]), Place(line), 1);

    [Fact]
    public void A_cache_that_can_not_be_made_is_done_without()
    {
        var listed = _vt.Run("-C", "cache(path=/dev/null/cache)", "ls", _folder["a.vt"]);
        Assert.Equal((0, "file\nnoise\n"), (listed.ExitCode, listed.Output));
        Assert.Matches("^vt: cache /dev/null/cache: [^\n]+; this command does without a cache\n$", listed.Errors);
    }

    [Theory]
    [InlineData("nobody serves there: there is no such socket; \"vt serve HERE/no.sock\" does", "HERE/no.sock")]
    [InlineData("tcp:127.0.0.1:1: nothing would tell", "tcp:127.0.0.1:1")]
    [InlineData("http://127.0.0.1:1/: the server can't be reached", "http://127.0.0.1:1/")]
    [InlineData("nosuchcommand: not found", "|nosuchcommand")]
    public void A_server_that_is_not_there(string line, string remote)
    {
        foreach (var verb in (string[][])[["push", Place(remote)], ["pull", Place(remote), "v"], ["remote", "show", Place(remote)], ["-S", Place(remote), "pack", _folder["x.vtd"]]])
            Fails(_vt.Run(verb), Place(line), 1);
    }

    [RootFact]
    public void A_disk_that_is_full()
    {
        var small = _folder.Make("small");
        Shell.Succeed($"mount -t tmpfs -o size=700k none '{small}'");
        try
        {
            Fails(_vt.Run("pack", Path.Combine(small, "x.vtd"), _folder["a.vt"]), $"{small}/x.vtd can't be written: No space left on device", 1);
            Assert.Empty(Directory.GetFileSystemEntries(small));
            Fails(_vt.Run("static", Path.Combine(small, "web"), _folder["a.vt"]), "No space left on device", 1);
            Shell.Succeed($"rm -rf '{small}/web'");
            _vt.Succeed("-S", Path.Combine(small, "store"), "init");
            Fails(_vt.Run("-q", "push", Path.Combine(small, "store"), _folder["a.vt"]), $"datadir {small}/store is full", 1);
        }
        finally
        {
            Shell.Succeed($"umount '{small}'");
        }
    }

    [Theory]
    [InlineData("help", "serve")]
    [InlineData("dump", "HERE/a.vt")]
    [InlineData("pack", "-", "HERE/a.vt")]
    public void Output_that_can_not_be_written(params string[] arguments)
    {
        var said = Shell.Succeed($"{{ {_vt.Line([.. arguments.Select(Place)])} > /dev/full; }} 2>&1; echo $?");
        Assert.Equal(["vt: standard output can't be written: No space left on device", "1"], said.Split('\n'));
    }

    [RootFact]
    public void A_store_that_may_not_be_looked_into_is_not_taken_for_none()
    {
        Shell.Succeed($"chmod 755 '{_folder.Path}' && chmod 700 '{_vt.Store}' && mkdir '{_folder["nobody"]}' && chmod 777 '{_folder["nobody"]}' && touch '{_folder["nobody"]}/vtrc'");
        foreach (var command in (string[])["ls trees", "init", "httpd --writable 127.0.0.1:0", $"push '{_folder["nobody"]}'", $"pack '{_folder["nobody"]}/x.vtd'"])
        {
            var said = Shell.Succeed(
                $"setpriv {string.Join(' ', MountAbility.OrdinaryUser)} env -i PATH=\"$PATH\" HOME='{_folder["nobody"]}' VT_CONFIG='{_folder["nobody"]}/vtrc' '{VtCommand.Executable}' -S '{_vt.Store}' {command} 2>&1 >/dev/null; echo $?");
            Assert.Equal([$"vt: datadir {_vt.Store}: Permission denied", "1"], said.Split('\n'));
        }
    }

    [RootFact]
    public void A_folder_that_may_not_be_written()
    {
        Shell.Succeed($"chmod 755 '{_folder.Path}' && chmod -R a+rX '{_folder["home"]}' '{_folder["a.vt"]}'");
        (string Command, string Line)[] cases =
        [
            ($"pack '{_folder["x.vtd"]}' '{_folder["a.vt"]}'", $"{_folder["x.vtd"]} can't be written: Permission denied"),
            ($"static '{_folder["web"]}' '{_folder["a.vt"]}'", $"{_folder["web"]}: can't be exported to"),
            ($"serve '{_folder["s.sock"]}'", $"{_folder["s.sock"]}: the socket can't be made"),
            ($"publish '{_folder["tree"]}'", "nothing can be written"),
        ];
        foreach (var (command, line) in cases)
        {
            var said = Shell.Succeed(
                $"setpriv {string.Join(' ', MountAbility.OrdinaryUser)} env -i PATH=\"$PATH\" HOME=/ VT_CONFIG='{_folder["home"]}/vtrc' '{VtCommand.Executable}' -S '{_vt.Store}' {command} 2>&1 >/dev/null; echo $?");
            var lines = said.Split('\n');
            Assert.Equal(2, lines.Length);
            Assert.Contains(line, lines[0], StringComparison.Ordinal);
            Assert.Equal("1", lines[1]);
        }
    }

    string Place(string text) => text.Replace("HERE", _folder.Path, StringComparison.Ordinal);

    static void Fails(VtCommand.Completed run, string line, int code)
    {
        Assert.True(run.ExitCode == code, $"exit status {run.ExitCode}: {run.Errors}");
        Assert.Contains(line, run.Errors, StringComparison.Ordinal);
        Assert.Single(run.Errors.TrimEnd('\n').Split('\n'));
    }
}
