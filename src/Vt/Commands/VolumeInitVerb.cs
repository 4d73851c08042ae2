using System.CommandLine;
using Vt.Settings;
using Vt.Versions;

namespace Vt.Commands;

/// <summary>Makes a volume.</summary>
sealed class VolumeInitVerb : Verb
{
    readonly Option<string> _branch = new("-b", "--branch") { Description = "The name of its first branch", HelpName = "BRANCH", DefaultValueFactory = static _ => "main" };
    readonly Option<bool> _noCommit = new("--no-commit") { Description = "Make no first commit" };
    readonly Argument<string> _name = new("VOLUME") { Description = "Its name: letters, digits and -_." };

    /// <summary>Makes the command.</summary>
    public VolumeInitVerb()
        : base("init", "Make a volume, and make it the current one")
    {
        Options.Add(_branch);
        Options.Add(_noCommit);
        Arguments.Add(_name);
    }

    /// <inheritdoc/>
    public override string Details =>
        """
        The volume has one branch with one commit, of an empty tree, so that there is something to go back to. vt mount VOLUME MNT works in it.
        """;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples => [("vt volume init frob_mysql", "Make a volume.")];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var branch = context.Get(_branch)!;
        var isCommitted = !context.Get(_noCommit);

        // Nobody has to say who they are before they commit something of their own.
        var committer = isCommitted ? await Authorship.TryCommitterAsync(context, cancellationToken) ?? Authorship.ThisMachine(context, "vt") : null;
        await using var volumes = await OpenVolumes.OpenAsync(context, isReadOnly: false, cancellationToken);
        var volume = await VolumeMaker.MakeAsync(context, volumes, context.Get(_name), branch, committer, cancellationToken);
        if (!context.IsQuiet)
            context.Messages.Say($"made {BranchTree.MountNameOf(volume, branch)}");
        return ExitCode.Ok;
    }
}
