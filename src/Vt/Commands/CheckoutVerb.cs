using System.CommandLine;
using Vt.Settings;
using Vt.Versions;

namespace Vt.Commands;

/// <summary>Chooses the branch that commands work with.</summary>
sealed class CheckoutVerb : Verb
{
    readonly Option<bool> _make = new("-b", "--make") { Description = "Make the branch first" };
    readonly Option<string> _volume = VolumeOptions.Volume();
    readonly Argument<string> _name = new("BRANCH") { Description = "The branch" };
    readonly Argument<string?> _start = new("REV") { Description = "With -b, the commit that it begins with; else HEAD", Arity = ArgumentArity.ZeroOrOne };

    /// <summary>Makes the command.</summary>
    public CheckoutVerb()
        : base("checkout", "Choose the branch that is worked on")
    {
        Options.Add(_make);
        Options.Add(_volume);
        Arguments.Add(_name);
        Arguments.Add(_start);
    }

    /// <inheritdoc/>
    public override string Details =>
        """
        Each branch has a tree of its own on this machine: what is not committed stays with the branch, and is there when it is checked out again. A new branch
        begins with a commit, never with what is not committed. Mounts stay as they are: each shows the branch that it was mounted with.
        """;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt checkout experiment", "Go on with a branch."),
        ("vt checkout -b experiment", "Make one of the last commit, and go on with it."),
    ];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var (name, isMade, start) = (context.Get(_name), context.Get(_make), context.Get(_start));
        if (start is not null && !isMade)
            throw new Vt.Blocks.Contracts.UserErrorException("a branch is checked out as it is; with -b a new one begins with REV");
        await using var volumes = await OpenVolumes.OpenAsync(context, isReadOnly: !isMade, cancellationToken);
        var volume = await volumes.FindVolumeAsync(context.Get(_volume), cancellationToken);
        if (isMade)
        {
            var (_, commit) = await volumes.ResolveAsync(start ?? "HEAD", volume.Name, null, cancellationToken);
            await volume.CreateBranchAsync(name, commit, $"branch: made of {start ?? "HEAD"}", cancellationToken);
        }

        volumes.Work.WriteHead(volume, await volumes.FindBranchAsync(volume, name, cancellationToken));
        return ExitCode.Ok;
    }
}
