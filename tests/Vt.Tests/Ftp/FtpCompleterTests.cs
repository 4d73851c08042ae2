using System.CommandLine.Parsing;
using System.Text;
using Vt.Blocks.Encoding;
using Vt.Commands;
using Vt.Ftp;
using Vt.Output;
using Vt.Posix;
using Vt.Settings;

namespace Vt.Tests.Ftp;

public sealed class FtpCompleterTests : IAsyncLifetime
{
    readonly FtpRun _run = new();
    CommandContext _context = null!;
    FtpSession _session = null!;

    public async Task InitializeAsync()
    {
        await _run.InitAsync();
        _run.Write("in/notes.txt", "");
        _run.Write("in/notes.old", "");
        _run.Write("in/a file", "");
        _run.Write("in/sub/deep", "");
        _run.Write("in/.hidden", "");
        _run.Write("in/käse", "");
        _run.Write("in/kälte", "");
        PosixFile.Open([.. Encoding.UTF8.GetBytes(_run.Here + "/in/o"), 0xe9, (byte)'\n'], OpenFlags.O_WRONLY | OpenFlags.O_CREAT, 0x1a4).Dispose();
        await _run.OkAsync("x.vt", "put -r in");

        var options = new GlobalOptions();
        var surroundings = new Surroundings
        {
            Input = Stream.Null,
            Output = Stream.Null,
            Error = Stream.Null,
            Environment = name => name == "HOME" ? _run.Program.Home : null,
            CurrentDirectory = _run.Here,
        };
        _context = new CommandContext(CommandLineParser.Parse(CommandTable.BuildAll(options), ["ftp", "x.vt"]), options, surroundings, new MessageWriter(surroundings));
        var tree = await FtpOpening.OpenAsync(_context, "x.vt/in", false, default);
        _session = new FtpSession(_context, tree, new LocalFolder(Encoding.UTF8.GetBytes(_run.Here + "/in"), Encoding.UTF8.GetBytes(_run.Program.Home)));
    }

    public async Task DisposeAsync()
    {
        await _session.DisposeAsync();
        _context.Dispose();
        _run.Dispose();
    }

    [Theory]
    [InlineData("insp", "inspect ")]
    [InlineData("ls; insp", "ls; inspect ")]
    [InlineData("m", null)]
    [InlineData("mk", "mkdir ")]
    [InlineData("frob", null)]
    [InlineData("ls -", null)]
    [InlineData("commit -", "commit -m ")]
    [InlineData("help insp", "help inspect ")]
    [InlineData("cat no", "cat notes.")]
    [InlineData("cat notes.t", "cat notes.txt ")]
    [InlineData("cat notes.txt notes.o", "cat notes.txt notes.old ")]
    [InlineData("cat a", "cat a\\ file ")]
    [InlineData("cat 'a f", "cat a\\ file ")]
    [InlineData("cat a\\ ", "cat a\\ file ")]
    [InlineData("cat s", "cat sub/")]
    [InlineData("cat sub/", "cat sub/deep ")]
    [InlineData("cat /in/su", "cat /in/sub/")]
    [InlineData("cd ", "cd sub/")]
    [InlineData("cat .", "cat .hidden ")]
    [InlineData("cat k", "cat kä")]
    [InlineData("cat kä", null)]
    [InlineData("cat o", "cat o\\xe9\\x0a ")]
    [InlineData("cat o\\xe9", "cat o\\xe9\\x0a ")]
    [InlineData("get -r s", "get -r sub/")]
    [InlineData("get notes.txt ../in/n", "get notes.txt ../in/notes.")]
    [InlineData("put not", "put notes.")]
    [InlineData("put su", "put sub/")]
    [InlineData("lcd ", "lcd sub/")]
    [InlineData("chmod ", null)]
    [InlineData("chmod 644 notes.t", "chmod 644 notes.txt ")]
    [InlineData("!cat no", null)]
    [InlineData("", null)]
    public async Task A_word_becomes_what_it_can_only_be(string typed, string? expected)
    {
        var completion = await new FtpCompleter(_session).CompleteAsync(typed, default);

        Assert.Equal(expected, completion?.Replacement is { } word ? typed[..completion.Start] + word : null);
    }

    [Theory]
    [InlineData("cat no", "notes.old notes.txt")]
    [InlineData("ls -", "-l -a -d -R")]
    [InlineData("mg", "mget")]
    [InlineData("cat ", "a\u00a0file kälte käse notes.old notes.txt o\u00b7\n sub/")]
    [InlineData("cat none", "")]
    [InlineData("cat notes.txt/", "")]
    [InlineData("!ls ", "")]
    public async Task What_it_may_be_is_listed(string typed, string expected)
    {
        var completion = await new FtpCompleter(_session).CompleteAsync(typed, default);

        Assert.Equal(expected.Replace('\u00a0', ' ').Replace('\u00b7', '\udce9'), string.Join(' ', completion?.Choices ?? []));
    }

    [Fact]
    public async Task What_is_completed_is_the_name()
    {
        var completion = await new FtpCompleter(_session).CompleteAsync("cat o", default);

        Assert.Equal([(byte)'o', 0xe9, (byte)'\n'], FtpLexer.Parse("cat " + completion!.Replacement)[0].Words[1].Bytes);
        Assert.Equal("o\udce9\n", LosslessText.FromBytes([(byte)'o', 0xe9, (byte)'\n']));
    }
}
