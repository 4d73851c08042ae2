namespace Vt.Hosts.DockerPlugin;

/// <summary>One use of a mount.</summary>
/// <param name="Name">What is mounted.</param>
/// <param name="Id">Docker's name of the use: each start of a container has its own.</param>
/// <param name="Place">Where; several uses may share it.</param>
public sealed record PluginMount(string Name, string Id, string Place);
