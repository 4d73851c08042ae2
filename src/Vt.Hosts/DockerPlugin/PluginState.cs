namespace Vt.Hosts.DockerPlugin;

/// <summary>What the plugin must still know after it was started anew. A value: changes make another.</summary>
/// <param name="Version">The form of the file.</param>
/// <param name="Created">The names with a branch that Docker has made: other than a volume's, nobody else knows them.</param>
/// <param name="Forgotten">The volumes that Docker has removed and that are still there: the id of each by its name.</param>
/// <param name="Mounts">Who has what mounted.</param>
public sealed record PluginState(int Version, IReadOnlyList<string> Created, IReadOnlyDictionary<string, string> Forgotten, IReadOnlyList<PluginMount> Mounts)
{
    /// <summary>The form that this program writes.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Nothing.</summary>
    public static PluginState Empty { get; } = new(CurrentVersion, [], new Dictionary<string, string>(), []);
}
