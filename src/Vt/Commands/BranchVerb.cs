using System.CommandLine;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Output;
using Vt.Posix;
using Vt.Settings;
using Vt.Trees.Archives;
using Vt.Versions;
using Vt.Volumes.Branches;

namespace Vt.Commands;

/// <summary>Lists, makes and removes branches.</summary>
sealed class BranchVerb : Verb
{
    readonly Option<string> _delete = new("-d", "--delete") { Description = "Remove a branch", HelpName = "BRANCH" };
    readonly Option<bool> _force = new("-f", "--force") { Description = "With -d, also one with changes that are not committed; they are there again when it is made again" };
    readonly Option<string> _volume = VolumeOptions.Volume();
    readonly Option<bool> _json = JsonOption.Create("Print a JSON object a line");
    readonly Argument<string?> _name = new("BRANCH") { Description = "A branch to make", Arity = ArgumentArity.ZeroOrOne };
    readonly Argument<string?> _start = new("REV") { Description = "The commit that it begins with; else HEAD", Arity = ArgumentArity.ZeroOrOne };

    /// <summary>Makes the command.</summary>
    public BranchVerb()
        : base("branch", "List, make or remove branches")
    {
        Options.Add(_delete);
        Options.Add(_force);
        Options.Add(_volume);
        Options.Add(_json);
        Arguments.Add(_name);
        Arguments.Add(_start);
    }

    /// <inheritdoc/>
    public override string Details =>
        "Without BRANCH all are listed, * before the one that is checked out. A branch takes no room and no time, however large the tree is. One that is removed"
        + " is still in its log (vt reflog BRANCH), and its commits are kept.\n\n" + VolumeOptions.RevisionHelp;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt branch", "List them."),
        ("vt branch experiment HEAD~2", "Make one of an earlier commit."),
        ("vt branch -d experiment", "Remove it."),
    ];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var (name, gone) = (context.Get(_name), context.Get(_delete));
        if (name is not null && gone is not null)
            throw new UserErrorException("-d removes one branch, and nothing is made: say one of them");
        if (context.Get(_force) && gone is null)
            throw new UserErrorException("-f goes with -d");
        await using var volumes = await OpenVolumes.OpenAsync(context, isReadOnly: name is null && gone is null, cancellationToken);
        var volume = await volumes.FindVolumeAsync(context.Get(_volume), cancellationToken);
        if (name is not null)
        {
            var start = context.Get(_start) ?? "HEAD";
            var (from, commit) = await volumes.ResolveAsync(start, volume.Name, null, cancellationToken);
            await volume.CreateBranchAsync(name, commit, from.Id == volume.Id ? $"branch: made of {start}" : $"branch: made of {from.Name}'s {start}", cancellationToken);
        }
        else if (gone is not null)
        {
            await RemoveAsync(volumes, volume, gone, context.Get(_force), cancellationToken);
        }
        else
        {
            await ListAsync(context, volumes, volume, cancellationToken);
        }

        return ExitCode.Ok;
    }

    static async Task RemoveAsync(OpenVolumes volumes, Volume volume, string branch, bool isForced, CancellationToken cancellationToken)
    {
        if (branch == await volumes.HeadOfAsync(volume, cancellationToken))
            throw new UserErrorException($"'{branch}' is checked out; check out another one first: vt checkout BRANCH");
        using var locked = volumes.Work.Lock(volume);
        var archive = volumes.Work.ArchiveOf(volume, branch);
        using var hold = File.Exists(archive)
            ? ArchiveHold.TryTake(archive, LockKind.Exclusive, out var holder)
                ?? throw new UserErrorException($"{BranchTree.MountNameOf(volume, branch)} is mounted for writing, by process {holder.Process}: unmount it first")
            : null;
        var tip = await volume.ReadTipAsync(branch, cancellationToken);
        if (!isForced && hold is not null && new ArchiveFile(archive, TimeProvider.System).ReadLast() is { } state && tip is { } commit
            && !state.Root.Equals((await volume.Commits.ReadAsync(commit, cancellationToken)).Root))
        {
            throw new UserErrorException($"{BranchTree.MountNameOf(volume, branch)} has changes that are not committed: commit them, or give them up with vt checkout {branch}; vt reset --hard HEAD");
        }

        // Its tree on this machine stays, with what a killed mount or local names have left beside it: who makes the branch again goes on with that.
        await volume.RemoveBranchAsync(branch, "branch: removed", cancellationToken);
    }

    async Task ListAsync(CommandContext context, OpenVolumes volumes, Volume volume, CancellationToken cancellationToken)
    {
        var head = await volumes.HeadOfAsync(volume, cancellationToken);
        await foreach (var branch in volume.ListBranchesAsync(cancellationToken))
        {
            if (context.Get(_json))
                PrintJson(context.Output, branch, await volume.ReadTipAsync(branch, cancellationToken), branch == head);
            else
                context.Output.WriteLine($"{(branch == head ? '*' : ' ')} {branch}");
        }
    }

    static void PrintJson(ResultWriter output, string branch, BlockHash? tip, bool isHead)
    {
        var json = output.BeginJson();
        json.WriteStartObject();
        json.WriteString("branch", branch);
        json.WriteString("commit", tip is { } commit ? CommitText.IdOf(commit) : null);
        json.WriteBoolean("head", isHead);
        json.WriteEndObject();
        output.EndJson();
    }
}
