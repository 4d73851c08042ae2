using System.CommandLine;
using Vt.Settings;
using Vt.Versions;

namespace Vt.Commands;

/// <summary>Chooses the current volume.</summary>
sealed class VolumeSwitchVerb : Verb
{
    readonly Argument<string> _name = new("VOLUME") { Description = "The volume" };

    /// <summary>Makes the command.</summary>
    public VolumeSwitchVerb()
        : base("switch", "Make a volume the current one: that of commands without -V") =>
        Arguments.Add(_name);

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples => [("vt volume switch frob_mysql", "Go on with that volume.")];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        await using var volumes = await OpenVolumes.OpenAsync(context, isReadOnly: true, cancellationToken);
        var volume = await volumes.Catalog.FindAsync(context.Get(_name), cancellationToken);
        volumes.Work.WriteCurrent(volumes.Store.Description, volume.Id);
        return ExitCode.Ok;
    }
}
