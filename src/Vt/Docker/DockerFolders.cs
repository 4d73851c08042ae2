using Vt.Commands;
using Vt.Hosts.DockerPlugin;

namespace Vt.Docker;

/// <summary>What lies in <c>docker/</c> below basedir: a folder for each name under which a plugin serves, or did, this machine's volumes to Docker.</summary>
static class DockerFolders
{
    const string FolderName = "docker";

    /// <summary>The folder of a plugin.</summary>
    public static string Of(CommandContext context, string driver) => Path.Combine(context.Configuration.BaseDirectory.Value, FolderName, driver);

    /// <summary>
    /// The names of the drivers whose volumes are ours. A container's volume of the same name with another driver is another volume.
    /// </summary>
    public static IReadOnlyList<string> ListDrivers(CommandContext context)
    {
        var top = Path.Combine(context.Configuration.BaseDirectory.Value, FolderName);
        if (!Directory.Exists(top))
            return [];
        return [.. Directory.GetDirectories(top).Where(static folder => File.Exists(Path.Combine(folder, PluginStateFile.Name))).Select(static folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)];
    }
}
