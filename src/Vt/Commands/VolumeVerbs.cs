using System.CommandLine;

namespace Vt.Commands;

/// <summary>The commands that make volumes, choose among them and remove them.</summary>
static class VolumeVerbs
{
    /// <summary>Makes <c>vt volume</c> with all below it.</summary>
    public static Command Create()
    {
        var group = new VerbGroup("volume", "Make, list, choose, rename and remove volumes: trees with branches and commits");
        group.Subcommands.Add(new VolumeInitVerb());
        group.Subcommands.Add(new VolumeListVerb());
        group.Subcommands.Add(new VolumeSwitchVerb());
        group.Subcommands.Add(new VolumeRenameVerb());
        group.Subcommands.Add(new VolumeRmVerb());
        group.Subcommands.Add(new VolumeRestoreVerb());
        return group;
    }
}
