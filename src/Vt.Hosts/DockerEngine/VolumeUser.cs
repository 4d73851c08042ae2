namespace Vt.Hosts.DockerEngine;

/// <summary>A container that uses a volume.</summary>
public sealed record VolumeUser
{
    /// <summary>The container's id.</summary>
    public required string Id { get; init; }

    /// <summary>Its name, with the slash in front that the engine gives it.</summary>
    public required string Name { get; init; }

    /// <summary>What it is doing.</summary>
    public required ContainerState State { get; init; }

    /// <summary>Whether it was about to begin or end when it was asked for: <c>restarting</c>, <c>removing</c>.</summary>
    public required string Status { get; init; }

    /// <summary>The name of the image that it was made of.</summary>
    public required string Image { get; init; }

    /// <summary>The image's id: the digest of its configuration.</summary>
    public required string ImageId { get; init; }

    /// <summary>The command line that runs in it, as the engine shortens it.</summary>
    public required string Command { get; init; }

    /// <summary>Its labels.</summary>
    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    /// <summary>The names of the volumes that were asked for and that it has.</summary>
    public required IReadOnlyList<string> Volumes { get; init; }
}
