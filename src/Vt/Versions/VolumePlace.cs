using Vt.Commands;
using Vt.Volumes.Branches;
using Vt.Volumes.Revisions;

namespace Vt.Versions;

/// <summary>Tells volumes from archives where the command line may have either.</summary>
static class VolumePlace
{
    const string ArchiveExtension = ".vt";

    /// <summary>Reads <c>VOLUME</c> or <c>VOLUME@REV</c>.</summary>
    /// <returns>Null where it is something else: the text of a root, a path with folders, the name of an archive or of a file that is there.</returns>
    public static Revision? TryParse(CommandContext context, string text)
    {
        var at = text.IndexOf('@', StringComparison.Ordinal);
        var name = at < 0 ? text : text[..at];
        if (VolumeNames.FaultOfVolume(name) is not null || text.EndsWith(ArchiveExtension, StringComparison.Ordinal)
            || text.Contains(ArchiveExtension + "/", StringComparison.Ordinal) || File.Exists(context.PathFromHere(text)) || File.Exists(context.PathFromHere(name)))
        {
            return null;
        }

        return Revision.Parse(at < 0 ? text + "@" : text);
    }
}
