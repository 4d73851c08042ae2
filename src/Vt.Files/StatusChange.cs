using Vt.Trees.Meta;

namespace Vt.Files;

/// <summary>What setattr is to change; null leaves alone.</summary>
public readonly record struct StatusChange
{
    /// <summary>Permission bits with setuid, setgid and sticky.</summary>
    public uint? Mode { get; init; }

    /// <summary>The owner.</summary>
    public uint? Uid { get; init; }

    /// <summary>The group.</summary>
    public uint? Gid { get; init; }

    /// <summary>The length of a file, 0 or more.</summary>
    public long? Size { get; init; }

    /// <summary>When it was last read.</summary>
    public Timestamp? Accessed { get; init; }

    /// <summary>When the content last changed.</summary>
    public Timestamp? Modified { get; init; }

    /// <summary>Whether the time of reading is to be now.</summary>
    public bool AccessedNow { get; init; }

    /// <summary>Whether the time of the last change of content is to be now.</summary>
    public bool ModifiedNow { get; init; }

    /// <summary>Whether setuid, setgid and capabilities go, as they do when somebody without the right to keep them changes the file.</summary>
    public bool KillPrivileges { get; init; }
}
