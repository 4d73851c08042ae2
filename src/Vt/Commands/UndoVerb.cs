using System.CommandLine;
using Vt.Blocks.Contracts;
using Vt.Settings;
using Vt.Versions;
using Vt.Volumes.Branches;

namespace Vt.Commands;

/// <summary>Takes back the last movement of a branch.</summary>
sealed class UndoVerb : Verb
{
    readonly Option<bool> _hard = new("--hard") { Description = "Yes, give up what is not committed" };
    readonly Option<bool> _force = new("-f", "--force") { Description = "Also where somebody has a file open for writing in a mount of the branch" };
    readonly Option<string> _volume = VolumeOptions.Volume();
    readonly Option<string> _branch = VolumeOptions.Branch();

    /// <summary>Makes the command.</summary>
    public UndoVerb()
        : base("undo", "Take a branch back to where it stood before the last commit, reset or undo")
    {
        Options.Add(_hard);
        Options.Add(_force);
        Options.Add(_volume);
        Options.Add(_branch);
    }

    /// <inheritdoc/>
    public override string Details =>
        """
        It is vt reset --hard @{1}: the tree becomes that of the commit at which the branch stood then. An undo is a movement too, so that a second one undoes the
        first; vt reflog shows them all.
        """;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples => [("vt undo --hard", "Undo the last reset.")];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        if (!context.Get(_hard))
            throw new UserErrorException("what is not committed would be given up: say --hard if that is meant");
        await using var branch = await OpenBranch.OpenAsync(context, context.Get(_volume), context.Get(_branch), cancellationToken);
        var volume = branch.Volume;
        Movement? last = null, before = null;
        await foreach (var movement in volume.ReadMovementsAsync(branch.Name, cancellationToken))
            (last, before) = (movement, last);
        if (before?.Commit is not { } commit)
            throw new UserErrorException($"{branch.FullName} stood at no commit before this one");
        branch.Tree.IsForced = context.Get(_force);
        await branch.Tree.ResetAsync(commit, $"undo: {last!.Note}", null, cancellationToken);
        if (!context.IsQuiet)
            context.Messages.Say($"undone: {last.Note}; {branch.FullName} is at {commit.ToShortString()}");
        return ExitCode.Ok;
    }
}
