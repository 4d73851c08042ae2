namespace Vt.Hosts.DockerPlugin;

/// <summary>A volume as Docker sees it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Mountpoint">Where it is mounted; empty where it is not.</param>
public sealed record PluginVolume(string Name, string Mountpoint);
