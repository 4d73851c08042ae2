using System.CommandLine;
using Vt.Settings;
using Vt.Versions;

namespace Vt.Commands;

/// <summary>Brings back a volume that was removed.</summary>
sealed class VolumeRestoreVerb : Verb
{
    readonly Argument<string> _name = new("VOLUME") { Description = "The name that it had" };

    /// <summary>Makes the command.</summary>
    public VolumeRestoreVerb()
        : base("restore", "Bring back a volume that was removed") =>
        Arguments.Add(_name);

    /// <inheritdoc/>
    public override string Details => "All its branches, tags and commits, and its trees on this machine, are there again.";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples => [("vt volume restore frob_mysql", "Undo a removal.")];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        await using var volumes = await OpenVolumes.OpenAsync(context, isReadOnly: false, cancellationToken);
        await volumes.Catalog.RestoreAsync(context.Get(_name), cancellationToken);
        return ExitCode.Ok;
    }
}
