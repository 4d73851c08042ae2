using System.CommandLine;
using Vt.Blocks.Encoding;
using Vt.Commands;
using Vt.Output;
using Vt.Settings;

namespace Vt.Tests.Commands;

public sealed class ProgramTests
{
    public static TheoryData<string> Commands()
    {
        var data = new TheoryData<string>();
        foreach (var command in CompletionWords.Commands(CommandTable.BuildAll(new GlobalOptions())))
            data.Add(CommandLines.NameOf(command));
        return data;
    }

    [Fact]
    public async Task The_version_is_one_line()
    {
        using var run = new ProgramRun();

        Assert.Matches("^vt [0-9]+[.][0-9]+[.][0-9]+\n$", await run.RunOkAsync("--version"));
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Every_help_has_usage_options_examples_and_exit_status(string name)
    {
        using var run = new ProgramRun();

        var help = await run.RunOkAsync([.. name.Split(' ')[1..], "--help"]);

        Assert.StartsWith($"Usage: {name} [OPTIONS]", help, StringComparison.Ordinal);
        Assert.Contains("--store STORE", help, StringComparison.Ordinal);
        Assert.Contains("Exit status:", help, StringComparison.Ordinal);
        Assert.Contains(help.Contains("Commands:", StringComparison.Ordinal) ? "COMMAND --help" : "Examples:", help, StringComparison.Ordinal);
        Assert.All(help.Split('\n'), line => Assert.True(line.Length <= 100, line));
    }

    [Fact]
    public void Every_example_is_a_command_line_that_parses()
    {
        var options = new GlobalOptions();
        var program = CommandTable.BuildAll(options);
        foreach (var verb in CompletionWords.Commands(program).OfType<Verb>())
        {
            Assert.NotEmpty(verb.Examples);
            foreach (var (line, _) in verb.Examples)
            {
                var words = line.Split("vt ", 2)[^1].Split(" > ")[0].Split(" | ")[0].Replace("\"", "", StringComparison.Ordinal).TrimEnd(')').Split(' ');
                var result = program.Parse(words, new ParserConfiguration { ResponseFileTokenReplacer = null });
                Assert.True(result.Errors.Count == 0, $"{line}: {string.Join("; ", result.Errors)}");
                Assert.Same(verb, result.CommandResult.Command);
            }
        }
    }

    [Theory]
    [InlineData("'frob' is no command", "frob")]
    [InlineData("say which command", "-q")]
    [InlineData("missing", "-h")]
    [InlineData("frob", "config", "frob")]
    [InlineData("--frob", "config", "--frob")]
    public async Task A_command_line_that_is_not_understood_ends_with_2(string message, params string[] arguments)
    {
        using var run = new ProgramRun();

        Assert.Equal(ExitCode.Usage, await run.RunAsync(arguments));
        Assert.Empty(run.Output);
        Assert.StartsWith("vt: ", run.Error, StringComparison.Ordinal);
        Assert.Contains(message, run.Error, StringComparison.OrdinalIgnoreCase);
        Assert.Single(run.Error.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public async Task An_error_is_one_line_without_control_characters()
    {
        using var run = new ProgramRun();

        Assert.Equal(ExitCode.Error, await run.RunAsync("-S", "tcp:\u001b[2J\nx", "init"));

        Assert.StartsWith("vt: option -S: '\\x1b[2J\\x0ax' is no machine's name", run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public async Task Called_as_vtftp_it_holds_sessions()
    {
        using var run = new ProgramRun { ProgramName = "vtftp" };

        Assert.Contains("vt ftp [OPTIONS] [TARGET]", await run.RunOkAsync("--help"), StringComparison.Ordinal);
        Assert.StartsWith("vt ", await run.RunOkAsync("--version"), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Usage, await run.RunAsync("one", "two"));
    }

    [Fact]
    public async Task Words_that_name_a_command_may_be_values_too()
    {
        using var run = new ProgramRun();

        Assert.Equal(ExitCode.Error, await run.RunAsync("-S", "help", "init"));
        Assert.Contains("'help' names no store type", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Arguments_that_are_not_UTF8_keep_their_bytes()
    {
        var cmdline = "/usr/bin/vt\0cat\0x\0"u8.ToArray();
        cmdline[^2] = 0xe9;

        var line = RawCommandLine.Parse(cmdline, ["cat", "\ufffd"]);

        Assert.Equal("vt", line.Name);
        Assert.Equal([0xe9], LosslessText.ToBytes(line.Arguments[1]));
    }
}
