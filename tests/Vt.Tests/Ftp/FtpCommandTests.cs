using Vt.Posix;
using Vt.Settings;
using Vt.Tests.Support;

namespace Vt.Tests.Ftp;

/// <summary>Every command of a session, run as <c>-c</c> runs them on an archive.</summary>
public sealed class FtpCommandTests : IAsyncLifetime
{
    readonly FtpRun _run = new();

    public async Task InitializeAsync()
    {
        await _run.InitAsync();
        _run.Write("docs/a.txt", "alpha");
        _run.Write("docs/b.txt", "beta");
        _run.Write("docs/.hidden", "h");
        _run.Write("docs/sub/c.txt", "gamma");
        await _run.OkAsync("x.vt", "put -r docs");
    }

    public Task DisposeAsync()
    {
        _run.Dispose();
        return Task.CompletedTask;
    }

    [Theory]
    [InlineData("ls", "docs\n")]
    [InlineData("ls docs", "a.txt\nb.txt\nsub\n")]
    [InlineData("ls -a docs", ".hidden\na.txt\nb.txt\nsub\n")]
    [InlineData("ls -d docs", "docs\n")]
    [InlineData("ls docs/*.txt", "docs/a.txt\ndocs/b.txt\n")]
    [InlineData("ls docs/a.txt docs/sub", "docs/a.txt\n\n/docs/sub:\nc.txt\n")]
    [InlineData("ls -R", "/:\ndocs\n\n/docs:\na.txt\nb.txt\nsub\n\n/docs/sub:\nc.txt\n")]
    [InlineData("ls **/c*", "docs/sub/c.txt\n")]
    [InlineData("cd docs; pwd; cd sub; pwd; cd ..; pwd; cd /; pwd; cd docs/./sub/../sub; pwd; cd; pwd", "/docs\n/docs/sub\n/docs\n/\n/docs/sub\n/\n")]
    [InlineData("cd docs; cat a.txt b* sub/../a.txt", "alphabetaalpha")]
    [InlineData("mkdir new; mkdir -p new/a/b new; ls -R new", "/new:\na\n\n/new/a:\nb\n\n/new/a/b:\n")]
    [InlineData("rm docs/*.txt; ls docs; rm -f docs/none; rm -r docs; ls", "sub\n")]
    [InlineData("mv docs/a.txt docs/z; ls docs", "b.txt\nsub\nz\n")]
    [InlineData("mv docs/*.txt docs/sub; ls -R docs", "/docs:\nsub\n\n/docs/sub:\na.txt\nb.txt\nc.txt\n")]
    [InlineData("cd docs/sub; mv /docs /other; pwd; ls /", "/other/sub\nother\n")]
    [InlineData("cd docs/sub; rm -r /docs; pwd", "/\n")]
    [InlineData("cp docs/a.txt b; cat b; cp -r docs two; rm docs/a.txt; cat two/a.txt; ls two", "alphaalphaa.txt\nb.txt\nsub\n")]
    [InlineData("ln docs/a.txt hard; chmod 640 hard; ls -l docs/a.txt", null)]
    [InlineData("ln -s docs/a.txt soft; cat soft", "docs/a.txt")]
    [InlineData("help quit", "quit   Store what was changed, say the tree's reference, and end\nalso: exit, bye\n")]
    [InlineData("lpwd", null)]
    [InlineData("lcd docs; lls *.txt", null)]
    public async Task A_command_does_what_it_says(string commands, string? expected)
    {
        var output = await _run.OkAsync("x.vt", commands);

        if (expected is not null)
            Assert.Equal(expected, output);
        Assert.Equal(ExitCode.Ok, await FsckAsync("x.vt"));
    }

    async Task<int> FsckAsync(string archive)
    {
        _run.Program.ProgramName = "vt";
        return await _run.Program.RunAsync("-q", "fsck", archive);
    }

    [Theory]
    [InlineData("cd docs/a.txt", "is a file")]
    [InlineData("cd none", "there is no /none")]
    [InlineData("ls none*", "nothing matches 'none*'")]
    [InlineData("cat docs", "which has no content")]
    [InlineData("mkdir docs", "/docs is there already")]
    [InlineData("mkdir none/x", "mkdir -p makes it too")]
    [InlineData("mkdir -p docs/a.txt/x", "is a file")]
    [InlineData("rm docs", "rm -r removes it")]
    [InlineData("rm -r /", "the top can't be removed")]
    [InlineData("rm none", "there is no /none")]
    [InlineData("mv docs docs/sub", "is within")]
    [InlineData("mv / docs", "the top has no name")]
    [InlineData("mv docs/a.txt docs/b.txt none", "can only go into a folder")]
    [InlineData("mv docs/a.txt none/x", "there is no folder /none")]
    [InlineData("cp docs x", "cp -r copies it")]
    [InlineData("cp -r docs docs/sub/x", "is within")]
    [InlineData("mkdir sub; cp -r docs/sub /", "is there already")]
    [InlineData("mkdir m; cp docs/a.txt docs/sub/../a.txt m", "two of them would be /m/a.txt")]
    [InlineData("ln docs x", "no second name")]
    [InlineData("ln docs/a.txt docs/b.txt", "is there already")]
    [InlineData("ln -s x docs/b.txt", "is there already")]
    [InlineData("bind docs B{00}", "is there already")]
    [InlineData("bind x F{name:", "is no reference")]
    [InlineData("get docs", "-r copies it")]
    [InlineData("get / ", "say where it is to go")]
    [InlineData("get docs/*.txt", "stands for 2 names")]
    [InlineData("put none", "on the disk")]
    [InlineData("put docs", "-r copies it")]
    [InlineData("put docs/a.txt none/x", "mkdir -p makes it")]
    [InlineData("put docs/a.txt docs/sub/c.txt/x", "there is no folder")]
    [InlineData("put -r docs docs/a.txt", "is no directory")]
    [InlineData("put docs/*.txt", "stands for 2 names")]
    [InlineData("put -i docs/a.txt docs/a.txt", "nobody is there to be asked")]
    [InlineData("mput none*", "nothing on the disk matches")]
    [InlineData("peer", "there is no peer")]
    [InlineData("push", "there is no peer")]
    [InlineData("pull docs", "there is no peer")]
    [InlineData("merge docs/a.txt", "is not an archive")]
    [InlineData("commit -m x", "is no volume's tree")]
    [InlineData("lcd none", "No such file")]
    [InlineData("lcd docs/a.txt", "is no folder")]
    [InlineData("!exit 3", "status 3")]
    public async Task A_command_that_cannot_be_done_says_why_and_changes_nothing(string commands, string why)
    {
        var before = _run.Read("x.vt");

        await _run.FailsAsync("x.vt", commands, why);

        Assert.Equal(before, _run.Read("x.vt"));
    }

    [Theory]
    [InlineData("frob", "there is no command 'frob'")]
    [InlineData("ls -x", "has no option -x")]
    [InlineData("cd a b", "takes fewer words; it is: cd [FOLDER]")]
    [InlineData("mv a", "needs more words")]
    [InlineData("commit", "commit -m TEXT")]
    [InlineData("commit -m", "-m needs a value")]
    [InlineData("chmod u+x docs", "in octal")]
    [InlineData("chmod 77777 docs", "in octal")]
    [InlineData("ls 'x", "a quotation does not end")]
    [InlineData("help frob", "there is no command 'frob'")]
    public async Task A_command_that_is_not_understood_has_exit_status_2(string commands, string why) => await _run.FailsAsync("x.vt", commands, why, ExitCode.Usage);

    [Fact]
    public async Task What_is_got_and_put_has_all_that_it_had()
    {
        var source = Path.Combine(_run.Here, "tree");
        Directory.CreateDirectory(source);
        new TreeGenerator(23, 0.1).Make(source);

        await _run.OkAsync("t.vt", "put -r tree; mkdir other; cp -r tree other; get -r other/tree back; get -r tree");

        Assert.Empty(TreeComparer.Compare(source, Path.Combine(_run.Here, "back")));
        Assert.Equal(ExitCode.Ok, await FsckAsync("t.vt"));
    }

    [Fact]
    public async Task Files_are_got_into_folders_and_under_other_names_and_replace_what_is_there()
    {
        Directory.CreateDirectory(Path.Combine(_run.Here, "into"));
        _run.Write("b.txt", "old");
        _run.Write("kept", "old");

        await _run.OkAsync("x.vt", "get docs/a.txt into; get docs/a.txt other; get docs/b.txt; get -n docs/a.txt kept; lcd into; mget docs/b* docs/sub/c.txt; get -r docs/sub");

        Assert.Equal(("alpha", "alpha", "beta", "old"), (_run.Read("into/a.txt"), _run.Read("other"), _run.Read("b.txt"), _run.Read("kept")));
        Assert.Equal(("beta", "gamma", "gamma"), (_run.Read("into/b.txt"), _run.Read("into/c.txt"), _run.Read("into/sub/c.txt")));
    }

    [Fact]
    public async Task Files_are_put_into_folders_and_under_other_names_and_replace_what_is_there()
    {
        _run.Write("new/a.txt", "second");
        _run.Write("new/d.txt", "delta");

        await _run.OkAsync("x.vt", "put new/a.txt docs; put new/d.txt docs/e.txt; put -n new/d.txt docs/b.txt; mkdir m; cd m; mput new/*.txt; put -r new");

        Assert.Equal("seconddeltabetaseconddelta", await _run.OkAsync("x.vt", "cat docs/a.txt docs/e.txt docs/b.txt m/a.txt m/new/d.txt"));
    }

    [Fact]
    public async Task Names_that_are_not_text_are_typed_and_shown_as_bytes()
    {
        byte[] name = [(byte)'o', 0xe9, (byte)' ', (byte)'\n', (byte)'*'];
        PosixFile.Open([.. System.Text.Encoding.UTF8.GetBytes(_run.Here + "/"), .. name], OpenFlags.O_WRONLY | OpenFlags.O_CREAT, 0x1a4).Dispose();

        var output = await _run.OkAsync("x.vt", @"mput o*; ls o\xe9*; mv $'o\xe9 \n*' 'p'\xff; ls p*; get p\xff; lls p*");

        Assert.Equal("o\\xe9 \\x0a*\np\\xff\n", output);
        Assert.Equal(Errno.OK, PosixFile.TryStatAt(FileDescriptor.CurrentDirectory, [.. System.Text.Encoding.UTF8.GetBytes(_run.Here), .. "/p"u8, 0xff], false, out _));
    }

    [Fact]
    public async Task Inspect_shows_metadata_blocks_and_a_reference_that_binds()
    {
        _run.Write("big", new string('x', 10) + string.Concat(Enumerable.Range(0, 100_000)));
        await _run.OkAsync("x.vt", "put big");

        var output = await _run.OkAsync("x.vt", "inspect big docs docs/a.txt");
        var text = output.Split('\n').First(static line => line.StartsWith("Text:", StringComparison.Ordinal))[5..].Trim();

        Assert.Matches("Blocks: +[0-9]+ of data with 488900 bytes, 1 of references on 1 level above\nCuts: ", output);
        Assert.Contains("Kind:     directory", output, StringComparison.Ordinal);
        Assert.Contains("Blocks:   a search tree with 1 leaf", output, StringComparison.Ordinal);
        Assert.Contains("none: it lies in the entry itself", output, StringComparison.Ordinal);
        Assert.Equal(_run.Read("big"), await _run.OkAsync("x.vt", $"bind again {text}; cat again"));
    }

    [Fact]
    public async Task A_bound_tree_has_a_life_of_its_own_hard_links_and_all()
    {
        await _run.OkAsync("x.vt", "ln docs/a.txt docs/a2");

        await _run.OkAsync("x.vt", "bind old x.vt/docs; chmod 600 old/a.txt; rm docs/a2");

        Assert.Matches("-rw------- +2 .* old/a.txt\n", await _run.OkAsync("x.vt", "ls -l old/a.txt"));
        Assert.DoesNotMatch("-rw------- ", await _run.OkAsync("x.vt", "ls -l docs"));
        Assert.Equal(ExitCode.Ok, await FsckAsync("x.vt"));
    }

    [Fact]
    public async Task Push_sends_what_the_peer_lacks_and_pull_and_bind_bring_it()
    {
        await _run.VtAsync("-S", "./peer", "init");

        var pushed = (await _run.OkAsync("x.vt", "peer ./peer; push docs")).TrimEnd().Split('\n')[^1];
        Assert.Contains("pushed /docs: ", _run.Error, StringComparison.Ordinal);
        await _run.OkAsync("x.vt", "peer ./peer; push docs; pull; push");
        Assert.Contains("pushed /docs: 0 blocks", _run.Error, StringComparison.Ordinal);
        Assert.Contains("pulled /: 0 blocks", _run.Error, StringComparison.Ordinal);
        await _run.VtAsync("-S", "./third", "init");
        _run.Program.ProgramName = "vtftp";
        Assert.Equal(ExitCode.Error, await _run.Program.RunAsync("-S", "./third", "y.vt", "-c", $"bind docs {pushed}"));
        Assert.Contains("choose a peer that has it", _run.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Ok, await _run.Program.RunAsync("-S", "./third", "y.vt", "-c", $"peer ./peer; bind docs {pushed}; cat docs/sub/c.txt"));
        Assert.EndsWith("gamma", _run.Program.OutputText, StringComparison.Ordinal);
        await _run.VtAsync("-S", "./third", "-q", "fsck", "y.vt");
    }

    [Fact]
    public async Task A_state_is_made_by_sync_and_at_the_end_and_only_where_something_changed()
    {
        Assert.Single(_run.States("x.vt"));
        await _run.OkAsync("x.vt", "ls; sync");
        Assert.Single(_run.States("x.vt"));
        await _run.OkAsync("x.vt", "mkdir a; sync; mkdir b; mkdir c");
        Assert.Equal(3, _run.States("x.vt").Length);
        Assert.Contains("D a/\nA d/\n", await _run.OkAsync("x.vt", "rm -r a; mkdir d; status"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_script_that_fails_leaves_the_archive_as_its_last_sync_did()
    {
        await _run.FailsAsync("x.vt", "mkdir a; sync; mkdir b; rm none; mkdir c", "what was changed since the last sync is given up");
        Assert.Equal("a\ndocs\n", await _run.OkAsync("x.vt", "ls"));
        await _run.OkAsync("x.vt", "mkdir b; -rm none; -frob; mkdir c");
        Assert.Equal("a\nb\nc\ndocs\n", await _run.OkAsync("x.vt", "ls"));
    }

    [Fact]
    public async Task Quit_says_the_tree_and_so_does_the_end_of_a_session_whose_states_are_not_kept()
    {
        var text = (await _run.OkAsync("x.vt", "mkdir a; quit; mkdir never")).Trim();
        Assert.StartsWith("D{", text, StringComparison.Ordinal);
        Assert.Equal("a\ndocs\n", await _run.OkAsync(text, "ls"));
        var other = (await _run.OkAsync(text + "/docs", "rm -r sub")).Trim();
        Assert.Equal("a.txt\nb.txt\n", await _run.OkAsync(other, "ls"));
        Assert.Equal("a\ndocs\n", await _run.OkAsync("x.vt", "ls"));
    }

    [Fact]
    public async Task Scripts_come_from_files_and_from_standard_input()
    {
        _run.Write("script", "cd docs\n# a remark\ncat a.txt; cat b.txt\nmkdir made");
        _run.Program.ProgramName = "vtftp";
        Assert.Equal("alphabeta", await _run.Program.RunOkAsync("x.vt", "-f", "script"));
        Assert.Equal("alphabeta", await _run.Program.RunOkAsync("x.vt/docs", "-c", "rm -r made; cat a.txt b.txt"));
        _run.Program.Input = "cd docs\ncat a.txt\nrm -r none\ncat b.txt"u8.ToArray();
        Assert.Equal(ExitCode.Error, await _run.Program.RunAsync("x.vt"));
        Assert.Equal("alpha", _run.Program.OutputText);
        _run.Program.Input = "cat docs/a.txt\n!true"u8.ToArray();
        Assert.StartsWith("alphaD{", await _run.Program.RunOkAsync("x.vt", "-b", "-"), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Error, await _run.Program.RunAsync("x.vt", "-f", "none"));
        Assert.Equal(ExitCode.Error, await _run.Program.RunAsync("x.vt", "-f", "script", "-c", "ls"));
    }

    [Fact]
    public async Task A_session_begins_in_the_folder_that_is_named()
    {
        Assert.Equal("/docs/sub\n", await _run.OkAsync("x.vt/docs/sub", "pwd"));
        await _run.FailsAsync("x.vt/none", "pwd", "there is no folder /none");
        await _run.FailsAsync("x.vt/docs/a.txt", "pwd", "there is no folder /docs/a.txt");
        await _run.FailsAsync("none", "pwd", "there is no 'none'");
        await _run.FailsAsync("docs", "pwd", "is a folder on the disk");
        Assert.Equal(ExitCode.Ok, await _run.RunAsync("x.vt@2030-01-01/docs", "pwd"));
        Assert.False(File.Exists(Path.Combine(_run.Here, "none")));
    }

    [Fact]
    public async Task Without_changes_an_archive_that_is_not_there_is_not_made()
    {
        await _run.OkAsync("new.vt", "ls");
        Assert.False(File.Exists(Path.Combine(_run.Here, "new.vt")));
    }
}
