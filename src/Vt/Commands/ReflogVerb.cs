using System.CommandLine;
using Vt.Output;
using Vt.Settings;
using Vt.Versions;
using Vt.Volumes.Branches;

namespace Vt.Commands;

/// <summary>Shows where a branch stood.</summary>
sealed class ReflogVerb : Verb
{
    readonly Option<string> _volume = VolumeOptions.Volume();
    readonly Option<bool> _json = JsonOption.Create("Print a JSON object a line");
    readonly Argument<string?> _branch = new("BRANCH") { Description = "The branch, also one that was removed; else the one that is checked out", Arity = ArgumentArity.ZeroOrOne };

    /// <summary>Makes the command.</summary>
    public ReflogVerb()
        : base("reflog", "Show every movement of a branch, the newest first")
    {
        Options.Add(_volume);
        Options.Add(_json);
        Arguments.Add(_branch);
    }

    /// <inheritdoc/>
    public override string Details => "BRANCH@{N} in each line is the revision that the branch stood at then. The log is never rewritten, and all commits in it are kept.";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples => [("vt reflog", "Find what a reset has given up.")];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        await using var volumes = await OpenVolumes.OpenAsync(context, isReadOnly: true, cancellationToken);
        var volume = await volumes.FindVolumeAsync(context.Get(_volume), cancellationToken);
        var branch = context.Get(_branch) ?? await volumes.HeadOfAsync(volume, cancellationToken);
        VolumeNames.CheckBranch(branch);
        var movements = new List<Movement>();
        await foreach (var movement in volume.ReadMovementsAsync(branch, cancellationToken))
            movements.Add(movement);
        if (movements.Count == 0)
            throw new Vt.Blocks.Contracts.UserErrorException($"there never was a branch '{branch}' in {volume.Name}");
        movements.Reverse();

        // As revisions count them: an end is no place to stand at.
        var number = 0;
        foreach (var movement in movements)
        {
            var place = movement.IsEnd ? "(removed)" : $"{branch}@{{{number++}}}";
            if (context.Get(_json))
                PrintJson(context.Output, place, movement);
            else
                context.Output.WriteLine($"{movement.Commit?.ToShortString() ?? "-           "} {place}  {DirentText.DateOf(movement.When)}  {TerminalText.Visible(movement.Note)}");
        }

        return ExitCode.Ok;
    }

    static void PrintJson(ResultWriter output, string place, Movement movement)
    {
        var json = output.BeginJson();
        json.WriteStartObject();
        json.WriteString("place", place);
        json.WriteString("commit", movement.Commit is { } commit ? CommitText.IdOf(commit) : null);
        json.WriteString("date", DirentText.DateOf(movement.When));
        json.WriteString("note", movement.Note);
        json.WriteEndObject();
        output.EndJson();
    }
}
