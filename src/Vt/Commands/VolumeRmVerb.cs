using System.CommandLine;
using Vt.Blocks.Contracts;
using Vt.Posix;
using Vt.Settings;
using Vt.Trees.Archives;
using Vt.Versions;

namespace Vt.Commands;

/// <summary>Removes a volume.</summary>
sealed class VolumeRmVerb : Verb
{
    readonly Argument<string> _name = new("VOLUME") { Description = "The volume" };

    /// <summary>Makes the command.</summary>
    public VolumeRmVerb()
        : base("rm", "Remove a volume") =>
        Arguments.Add(_name);

    /// <inheritdoc/>
    public override string Details =>
        """
        Only its name goes: vt volume restore brings it back with everything, also what was not committed. A volume of which a branch is mounted for writing is
        refused.
        """;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples => [("vt volume rm frob_mysql", "Remove it.")];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        await using var volumes = await OpenVolumes.OpenAsync(context, isReadOnly: false, cancellationToken);
        var volume = await volumes.Catalog.FindAsync(context.Get(_name), cancellationToken);
        using var locked = volumes.Work.Lock(volume);
        await foreach (var branch in volume.ListBranchesAsync(cancellationToken))
        {
            var archive = volumes.Work.ArchiveOf(volume, branch);
            if (!File.Exists(archive))
                continue;
            using var hold = ArchiveHold.TryTake(archive, LockKind.Shared, out var holder)
                ?? throw new UserErrorException($"{BranchTree.MountNameOf(volume, branch)} is mounted for writing, by process {holder.Process}: unmount it first");
        }

        await volumes.Catalog.RemoveAsync(volume, cancellationToken);
        if (volumes.Work.ReadCurrent(volumes.Store.Description) == volume.Id)
            volumes.Work.WriteCurrent(volumes.Store.Description, null);
        return ExitCode.Ok;
    }
}
