using Vt.Posix;
using Vt.SystemTests.Commands;
using Vt.Tests.Support;

namespace Vt.SystemTests.Ftp;

/// <summary>Sessions that are typed at a terminal.</summary>
public sealed class FtpTerminalTests : IDisposable
{
    readonly TempFolder _folder = new();
    readonly VtCommand _vt;

    public FtpTerminalTests()
    {
        _vt = new VtCommand(_folder["home"]);
        _vt.Succeed("init");
        _folder.Make("home/in/sub");
        _folder.Write("home/in/notes.txt", "the notes\n");
        _folder.Write("home/in/a file", "x");
        PosixFile.Open([.. _folder.Bytes, .. "/home/in/o"u8, 0xe9], OpenFlags.O_WRONLY | OpenFlags.O_CREAT, 0x1a4).Dispose();
        _vt.Succeed("ftp", "x.vt", "-c", "put -r in");
    }

    public void Dispose() => _folder.Dispose();

    Pty Start(int columns = 80, string target = "x.vt") => new($"sh -c 'cd \"$0\" && exec \"$@\"' '{_folder["home"]}' {_vt.Line("ftp", target)}", columns);

    [Fact]
    public void A_session_is_typed_and_its_end_says_the_tree()
    {
        using var pty = Start();

        Assert.Equal(["in"], pty.Run("x.vt:/> ", "ls"));
        pty.Type("cd in\r");
        Assert.Equal(["a file", "notes.txt", "o\\xe9", "sub"], pty.Run("x.vt:/in> ", "ls"));
        Assert.Equal(["the notes"], pty.Run("x.vt:/in> ", "cat notes.txt"));
        Assert.Equal(["vt: rm: there is no /in/none"], pty.Run("x.vt:/in> ", "rm none"));
        Assert.Equal([], pty.Run("x.vt:/in> ", "mkdir made"));
        pty.Await("x.vt:/in> ");
        pty.Type("\u0004");
        Assert.Equal(0, pty.AwaitExit());
        Assert.Contains(pty.Rows, static row => row.StartsWith("D{mode:", StringComparison.Ordinal));
        Assert.Contains("made", _vt.Succeed("ls", "x.vt/in"), StringComparison.Ordinal);
    }

    [Fact]
    public void Words_are_completed_and_choices_listed()
    {
        using var pty = Start();
        pty.Await("x.vt:/> ");
        pty.Type("insp\t");
        pty.Await("x.vt:/> inspect ");
        pty.Type("i\t");
        pty.Await("x.vt:/> inspect in/");
        pty.Type("\t");
        pty.AwaitRow("a file     notes.txt  o\\xe9      sub/");
        pty.Await("x.vt:/> inspect in/");
        pty.Type("a\t");
        pty.Await("x.vt:/> inspect in/a\\ file ");
        pty.Type("\u0015cat in/o\t\r");
        pty.AwaitRow("x.vt:/> cat in/o\\xe9");
        pty.Await("x.vt:/> ");
        pty.Type("zzz\t");
        pty.AwaitBells(1);
        pty.Type("\u0003");
        pty.AwaitRow("x.vt:/> zzz^C");
        Assert.Equal(["/"], pty.Run("x.vt:/> ", "pwd"));
    }

    [Fact]
    public void Earlier_lines_come_back_in_the_next_session()
    {
        using (var pty = Start())
        {
            pty.Run("x.vt:/> ", "ls in");
            pty.Run("x.vt:/> ", "pwd");
            pty.Await("x.vt:/> ");
            pty.Type("\u001b[A\u001b[A");
            pty.Await("x.vt:/> ls in");
            pty.Type("\u0003");
            pty.Await("x.vt:/> ");
            pty.Type("quit\r");
            Assert.Equal(0, pty.AwaitExit());
        }

        var file = Path.Combine(_folder["home"], ".local/share/vt/vtftp.history");
        Assert.Equal(["ls in", "pwd", "quit"], File.ReadAllLines(file));
        Assert.Equal(0x180u, PosixFile.Stat(file).Permissions);

        using var next = Start();
        next.Await("x.vt:/> ");
        next.Type("\u0012ls");
        next.Await("(earlier line with 'ls') ");
        next.Type("\r");
        next.AwaitRow("notes.txt");
        next.Await("x.vt:/> ");
        next.Type("\u0010\u0010");
        next.Await("x.vt:/> quit");
    }

    [Fact]
    public void Control_c_gives_up_the_line_or_the_command_and_never_the_session()
    {
        using var pty = Start();
        pty.Await("x.vt:/> ");
        pty.Type("rm -r in\u0003");
        pty.AwaitRow("x.vt:/> rm -r in^C");
        pty.Await("x.vt:/> ");
        pty.Type("!echo begun; exec sleep 1000\r");
        pty.AwaitRow("begun");
        pty.Type("\u0003");
        pty.AwaitRow("^Cvt: interrupted");
        Assert.Equal(["in"], pty.Run("x.vt:/> ", "ls"));
    }

    [Fact]
    public void A_long_line_wraps_and_stands_once_after_another_width()
    {
        using var pty = Start(40);
        pty.Await("x.vt:/> ");
        pty.Type("mkdir 0123456789012345678901234567890123456789");
        pty.AwaitLast("x.vt:/> mkdir 01234567890123456789012345", "67890123456789");
        pty.Type("\u0001");
        pty.Await("x.vt:/> ");
        pty.Type("\u0005\u0017日本\u0002X");
        pty.Await("x.vt:/> mkdir 日X");
        pty.Type("\r");
        Assert.Equal(["in", "日X本"], pty.Run("x.vt:/> ", "ls"));
    }

    [Fact]
    public void A_terminal_that_becomes_narrower_is_followed()
    {
        using var pty = Start(40);
        pty.Await("x.vt:/> ");
        pty.Type("abcdefghijkl");
        pty.Await("x.vt:/> abcdefghijkl");
        pty.Resize(30);
        pty.Type("mnopqrstuvwxyz");

        pty.AwaitLast("x.vt:/> abcdefghijklmnopqrstuv", "wxyz");
    }

    [Fact]
    public void Bytes_that_are_no_text_are_typed_and_seen()
    {
        using var pty = Start();
        pty.Await("x.vt:/> ");
        pty.Type([.. "ls in/o"u8, 0xe9, (byte)' ']);
        pty.Await("x.vt:/> ls in/o\\xe9 ");
        pty.Type("\r");
        pty.AwaitRow("in/o\\xe9");
    }

    [Fact]
    public void Who_types_is_asked_before_something_is_replaced()
    {
        using var pty = Start();
        _folder.Write("home/notes.txt", "mine");
        pty.Await("x.vt:/> ");
        pty.Type("get -i in/notes.txt\r");
        pty.Await($"replace {_folder["home"]}/notes.txt? (y/n) ");
        pty.Type("n\r");
        pty.Await("x.vt:/> ");
        Assert.Equal("mine", File.ReadAllText(_folder["home/notes.txt"]));
        pty.Type("get -i in/notes.txt\r");
        pty.Await($"replace {_folder["home"]}/notes.txt? (y/n) ");
        pty.Type("y\r");
        pty.Await("x.vt:/> ");
        Assert.Equal("the notes\n", File.ReadAllText(_folder["home/notes.txt"]));
    }

    [Fact]
    public void A_session_that_is_killed_leaves_the_archive_as_its_last_sync_did()
    {
        using var pty = Start();
        pty.Run("x.vt:/> ", "mkdir kept; sync; mkdir lost; put -r in again");
        var before = File.ReadAllBytes(_folder["home/x.vt"]);
        Shell.Succeed($"kill -KILL {pty.ProgramId}");
        pty.AwaitExit();

        Assert.Equal(before, File.ReadAllBytes(_folder["home/x.vt"]));
        Assert.Equal("in\nkept\n", _vt.Succeed("ls", "x.vt"));
        _vt.Succeed("fsck", "x.vt");
    }

    [Fact]
    public void A_session_that_is_asked_to_end_stores_what_it_has()
    {
        using var pty = Start();
        pty.Run("x.vt:/> ", "mkdir kept");
        Shell.Succeed($"kill -TERM {pty.ProgramId}");

        Assert.Equal(130, pty.AwaitExit());
        Assert.Equal("in\nkept\n", _vt.Succeed("ls", "x.vt"));
    }
}
