using System.CommandLine;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Settings;
using Vt.Versions;
using Vt.Volumes.Branches;
using Vt.Volumes.Commits;

namespace Vt.Commands;

/// <summary>Puts what is not committed aside.</summary>
sealed class StashPushVerb : Verb
{
    readonly Option<string> _message = new("-m", "--message") { Description = "What it is; else that it was worked on", HelpName = "TEXT" };
    readonly Option<string> _volume = VolumeOptions.Volume();
    readonly Option<string> _branch = VolumeOptions.Branch();

    /// <summary>Makes the command.</summary>
    public StashPushVerb()
        : base("push", "Put what is not committed aside, and take the tree back to the last commit")
    {
        Options.Add(_message);
        Options.Add(_volume);
        Options.Add(_branch);
    }

    /// <inheritdoc/>
    public override string Details =>
        """
        The tree is kept whole, as a commit beside the branch, and then taken back as vt reset --hard HEAD does it: where it is mounted nobody may have a file open for writing. The
        commit's name is printed. Where there is nothing to put aside the exit status is 3.
        """;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt stash push -m half-done", "Put away what is being tried."),
        ("vt stash push -V frob_mysql -b main", "The same of another volume's branch."),
    ];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        await using var branch = await OpenBranch.OpenAsync(context, context.Get(_volume), context.Get(_branch), cancellationToken);
        var (volume, tree) = (branch.Volume, branch.Tree);
        if (await volume.ReadTipAsync(branch.Name, cancellationToken) is not { } tip)
            throw new UserErrorException($"{branch.FullName} has no commit yet, and so nothing to go back to: vt commit keeps its tree");
        if (tree.Merged is not null)
            throw new UserErrorException($"a merge waits in {branch.FullName}: commit it, or give it up with vt reset --hard HEAD");

        // Others may have committed since: what they did is no change of ours, and must not be taken back with one.
        var root = await tree.ReadRootAsync(cancellationToken);
        if (tree.Base is not { } origin)
            throw new UserErrorException($"nobody knows which commit the tree of {branch.FullName} comes from: vt save keeps it, and vt reset --hard HEAD gives it up");
        var head = await volume.Commits.ReadAsync(origin, cancellationToken);
        if (root.Equals(head.Root))
        {
            context.Messages.Say($"nothing has changed in {branch.FullName} since its last commit");
            return ExitCode.Partial;
        }

        var committer = await Authorship.CommitterAsync(context, cancellationToken);
        var maker = new CommitMaker
        {
            Committer = committer,
            Author = committer,
            Message = context.Get(_message) ?? $"On {branch.Name} at {origin.ToShortString()}: {Volume.FirstLine(head)}",
            Labels = new Dictionary<string, string> { [Stashes.Label] = branch.Name },
        };
        await KeepAsync(branch, tip, maker.Make(context, root, [origin]), context, cancellationToken);
        return ExitCode.Ok;
    }

    // On the list before the tree goes back: who dies between has both. Where the tree can't go back, nothing was put aside.
    static async Task KeepAsync(OpenBranch branch, BlockHash tip, Commit stash, CommandContext context, CancellationToken cancellationToken)
    {
        var stashes = branch.Volume.StashesOf(branch.Name);
        var id = await branch.Volume.Commits.AddAsync(stash, cancellationToken);
        await stashes.PushAsync(id, $"stash push: {Volume.FirstLine(stash)}", cancellationToken);
        try
        {
            await branch.Tree.TakeBackAsync(tip, stash.Root, CancellationToken.None);
        }
        catch (UserErrorException)
        {
            await stashes.DropAsync(id, "stash push: the tree stays as it is", CancellationToken.None);
            throw;
        }

        context.Output.WriteLine(CommitText.IdOf(id));
    }
}
