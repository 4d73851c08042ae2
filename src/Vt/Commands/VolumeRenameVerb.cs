using System.CommandLine;
using Vt.Settings;
using Vt.Versions;

namespace Vt.Commands;

/// <summary>Gives a volume another name.</summary>
sealed class VolumeRenameVerb : Verb
{
    readonly Argument<string> _old = new("VOLUME") { Description = "The volume" };
    readonly Argument<string> _new = new("NEW") { Description = "Its new name" };

    /// <summary>Makes the command.</summary>
    public VolumeRenameVerb()
        : base("rename", "Give a volume another name")
    {
        Arguments.Add(_old);
        Arguments.Add(_new);
    }

    /// <inheritdoc/>
    public override string Details => "Its branches, commits and trees stay as they are. A mount keeps the name that it was mounted by.";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples => [("vt volume rename test staging", "Rename it.")];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        await using var volumes = await OpenVolumes.OpenAsync(context, isReadOnly: false, cancellationToken);
        await volumes.Catalog.RenameAsync(await volumes.Catalog.FindAsync(context.Get(_old), cancellationToken), context.Get(_new), cancellationToken);
        return ExitCode.Ok;
    }
}
