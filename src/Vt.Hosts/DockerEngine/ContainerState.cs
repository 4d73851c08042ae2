namespace Vt.Hosts.DockerEngine;

/// <summary>What a container is doing.</summary>
public enum ContainerState
{
    /// <summary>It does not run: it was only made, or has ended.</summary>
    Stopped,

    /// <summary>It runs, or is being started again.</summary>
    Running,

    /// <summary>It is there, but gets no time.</summary>
    Paused,
}
