using System.CommandLine;
using Vt.Blocks.Contracts;
using Vt.Output;
using Vt.Settings;
using Vt.Trees.Archives;

namespace Vt.Commands;

/// <summary>Lists an archive's states.</summary>
sealed class LogVerb : Verb
{
    readonly Option<bool> _reverse = new("-r", "--reverse") { Description = "Show the oldest first" };
    readonly Option<int?> _count = new("-n", "--max-count") { Description = "Show at most so many", HelpName = "NUMBER" };
    readonly Option<bool> _json = JsonOption.Create("Print a JSON object a line");
    readonly Argument<string> _archive = new("ARCHIVE") { Description = "The archive file" };

    /// <summary>Makes the command.</summary>
    public LogVerb()
        : base("log", "List the states that an archive holds, the newest first")
    {
        Options.Add(_reverse);
        Options.Add(_count);
        Options.Add(_json);
        Arguments.Add(_archive);
    }

    /// <inheritdoc/>
    public override string Details =>
        """
        Each line is a date, by which ARCHIVE.vt@DATE finds the state, and the text of its root, which every command takes. A line
        of the archive that can't be read is reported and passed over, and the exit status is 3.
        """;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt log home.vt", "List all states."),
        ("vt log -n 1 --json home.vt", "Show the last one for a program."),
    ];

    /// <inheritdoc/>
    public override Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var path = context.Get(_archive);
        var contents = context.ArchiveAt(path).ReadAll();
        var most = context.Get(_count) ?? int.MaxValue;
        if (most < 0)
            throw new UserErrorException($"-n takes a number of states, not {most}");
        var (first, step) = context.Get(_reverse) ? (0, 1) : (contents.States.Count - 1, -1);
        for (var i = first; i >= 0 && i < contents.States.Count && most-- > 0; i += step)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (context.Get(_json))
                PrintJson(context.Output, contents.States[i]);
            else
                context.Output.WriteLine($"{DirentText.DateOf(contents.States[i].Date)}  {contents.States[i].Root}");
        }

        foreach (var fault in contents.Faults)
            context.Messages.Say($"{path}{(fault.Line > 0 ? $":{fault.Line}" : "")}: {fault.What}");
        return Task.FromResult(contents.Faults.Count > 0 ? ExitCode.Partial : ExitCode.Ok);
    }

    static void PrintJson(ResultWriter output, ArchiveState state)
    {
        var json = output.BeginJson();
        json.WriteStartObject();
        json.WriteString("date", DirentText.DateOf(state.Date));
        json.WriteString("time", state.When.ToString());
        json.WriteString("root", state.Root.ToString());
        json.WriteEndObject();
        output.EndJson();
    }
}
