using System.CommandLine;
using Vt.Blocks.Hashing;
using Vt.Output;
using Vt.Settings;
using Vt.Versions;
using Vt.Volumes.Branches;
using Vt.Volumes.Commits;

namespace Vt.Commands;

/// <summary>Lists what was put aside.</summary>
sealed class StashListVerb : Verb
{
    readonly Option<string> _volume = VolumeOptions.Volume();
    readonly Option<string> _branch = VolumeOptions.Branch();
    readonly Option<bool> _json = JsonOption.Create("Print a JSON object a line");

    /// <summary>Makes the command.</summary>
    public StashListVerb()
        : base("list", "List what was put aside of a branch, the newest first")
    {
        Options.Add(_volume);
        Options.Add(_branch);
        Options.Add(_json);
    }

    /// <inheritdoc/>
    public override string Details =>
        "Each line is the number by which the other commands take it, the commit, its date and its message. The commit is one that every command takes by its name: vt cat"
        + " and vt export get single files out of it.";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt stash list", "List them."),
    ];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        await using var volumes = await OpenVolumes.OpenAsync(context, isReadOnly: true, cancellationToken);
        var volume = await volumes.FindVolumeAsync(context.Get(_volume), cancellationToken);
        var branch = await volumes.FindBranchAsync(volume, context.Get(_branch), cancellationToken);
        var number = 0;
        foreach (var id in await volume.StashesOf(branch).ReadAsync(cancellationToken))
        {
            var stash = await volume.Commits.ReadAsync(id, cancellationToken);
            if (context.Get(_json))
                PrintJson(context.Output, number, id, stash);
            else
                context.Output.WriteLine($"{number}  {id.ToShortString()}  {DirentText.DateOf(stash.Committer.Date)}  {TerminalText.Visible(Volume.FirstLine(stash))}");
            number++;
        }

        return ExitCode.Ok;
    }

    static void PrintJson(ResultWriter output, int number, BlockHash id, Commit stash)
    {
        var json = output.BeginJson();
        json.WriteStartObject();
        json.WriteNumber("number", number);
        json.WriteString("commit", CommitText.IdOf(id));
        json.WriteString("parent", CommitText.IdOf(stash.Parents[0]));
        json.WriteString("date", DirentText.DateOf(stash.Committer.Date));
        json.WriteString("message", System.Text.Encoding.UTF8.GetString(stash.Message.Span));
        json.WriteString("root", stash.Root.ToString());
        json.WriteEndObject();
        output.EndJson();
    }
}
