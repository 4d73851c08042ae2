using System.CommandLine;
using Vt.Blocks.Contracts;
using Vt.Output;
using Vt.Settings;
using Vt.Versions;

namespace Vt.Commands;

/// <summary>Merges a commit into a branch.</summary>
sealed class MergeVerb : Verb
{
    readonly Option<string> _message = new("-m", "--message") { Description = "The message of the merge; else one that says what was merged", HelpName = "TEXT" };
    readonly Option<bool> _forwardOnly = new("--ff-only") { Description = "Only move the branch on; refuse where both have commits of their own" };
    readonly Option<bool> _noForward = new("--no-ff") { Description = "Make a commit also where the branch could just be moved on" };
    readonly Option<string> _volume = VolumeOptions.Volume();
    readonly Option<string> _branch = VolumeOptions.Branch();
    readonly Option<bool> _json = JsonOption.Create("Print the commit, or each conflict, as a JSON object");
    readonly Argument<string> _commit = new("REV") { Description = "What to merge: a branch, a tag, a commit" };

    /// <summary>Makes the command.</summary>
    public MergeVerb()
        : base("merge", "Merge a branch or commit into what is checked out")
    {
        foreach (var option in (Option[])[_message, _forwardOnly, _noForward, _volume, _branch, _json])
            Options.Add(option);
        Arguments.Add(_commit);
    }

    /// <inheritdoc/>
    public override string Details =>
        "What only one side has changed since both were the same comes from that side: names, contents, owners, modes and attributes each by themselves. The time goes with"
        + " what was changed, however large the trees are. Where both changed the same thing differently ours stays, theirs lies beside it as NAME.theirs-ID, each such"
        + " path is listed, and the exit status is 3: the tree then waits to be put right, and the next vt commit is the merge. Contents are not merged line by line: a"
        + " database is not made of lines.\n\n"
        + "A branch that has no commits of its own is just moved on. The branch must not be mounted for writing, and nothing may wait to be committed.\n\n" + VolumeOptions.RevisionHelp;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt merge experiment", "Take over what a branch has."),
        ("vt merge --ff-only staging", "Move on to it, if nothing else was done here."),
    ];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        if (context.Get(_forwardOnly) && context.Get(_noForward))
            throw new UserErrorException("--ff-only and --no-ff: say one of them");
        await using var branch = await OpenBranch.OpenAsync(context, context.Get(_volume), context.Get(_branch), cancellationToken);
        var volume = branch.Volume;
        var what = context.Get(_commit);
        var (_, their) = await branch.Volumes.ResolveAsync(what, volume.Name, branch.Name, cancellationToken);
        if (await volume.ReadTipAsync(branch.Name, cancellationToken) is not { } tip)
            throw new UserErrorException($"{branch.FullName} has no commit yet: make one, or vt reset --hard {what}");
        var common = await MergeBase.FindAsync(volume.Commits, tip, their, cancellationToken)
            ?? throw new UserErrorException($"{what} and {branch.FullName} have no commit in common");
        if (common == their)
        {
            context.Messages.Say($"{branch.FullName} has all of {what} already");
            return ExitCode.Ok;
        }

        if (common == tip && !context.Get(_noForward))
        {
            await branch.Tree.ForwardAsync(their, null, $"merge {what}: moved on", cancellationToken);
            return await MergeReport.PrintAsync(context, volume, context.Get(_json), their, [], cancellationToken);
        }

        if (context.Get(_forwardOnly))
            throw new UserErrorException($"{what} and {branch.FullName} both have commits of their own");
        var committer = await Authorship.CommitterAsync(context, cancellationToken);
        var maker = new CommitMaker { Committer = committer, Author = committer, Message = context.Get(_message) ?? $"Merge {what} into {branch.Name}" };
        var change = ((await volume.Commits.ReadAsync(common, cancellationToken)).Root, (await volume.Commits.ReadAsync(their, cancellationToken)).Root);
        var (made, conflicts) = await branch.Tree.MergeAsync(change, their, (root, parents) => maker.Make(context, root, parents), $"merge {what}", cancellationToken);
        return await MergeReport.PrintAsync(context, volume, context.Get(_json), made, conflicts, cancellationToken);
    }
}
