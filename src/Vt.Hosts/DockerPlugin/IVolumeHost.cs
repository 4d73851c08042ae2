using Vt.Blocks.Contracts;

namespace Vt.Hosts.DockerPlugin;

/// <summary>
/// The volumes that the plugin hands out, and their mounts. The program implements it: volumes are none of this project's business. Calls for different volumes may come
/// at the same time. All throw <see cref="UserErrorException"/> where the person who started the container can do something about it.
/// </summary>
public interface IVolumeHost
{
    /// <summary>What is wrong with a name; null where nothing is.</summary>
    string? FaultOf(PluginName name);

    /// <summary>All volumes: the id of each by its name.</summary>
    Task<IReadOnlyDictionary<string, string>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Makes sure that what a name stands for is there: a volume that is not is made; a branch has to be there.</summary>
    Task MakeAsync(PluginName name, CancellationToken cancellationToken);

    /// <summary>Mounts what a name stands for on a folder, which is made, in a process of its own that outlives this one.</summary>
    Task MountAsync(PluginName name, string place, CancellationToken cancellationToken);

    /// <summary>Unmounts a place, and removes its folder. One where nothing is mounted is no fault.</summary>
    Task UnmountAsync(string place, CancellationToken cancellationToken);

    /// <summary>Whether something is mounted on a place and answers.</summary>
    bool IsMounted(string place);
}
