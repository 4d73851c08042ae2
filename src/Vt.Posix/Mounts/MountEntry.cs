namespace Vt.Posix.Mounts;

/// <summary>A line of /proc/self/mountinfo (proc(5)), with its escapes resolved.</summary>
public sealed record MountEntry
{
    /// <summary>The mount's number; may be used again after an unmount.</summary>
    public required int Id { get; init; }

    /// <summary>Device number of what is mounted.</summary>
    public required uint Major { get; init; }

    /// <summary>Device number of what is mounted.</summary>
    public required uint Minor { get; init; }

    /// <summary>Where it is mounted, from this process's root.</summary>
    public required string MountPoint { get; init; }

    /// <summary>The mount's own options, separated by commas.</summary>
    public required string Options { get; init; }

    /// <summary>The filesystem's type with its subtype.</summary>
    public required string Type { get; init; }

    /// <summary>The source.</summary>
    public required string Source { get; init; }

    /// <summary>The filesystem's options, separated by commas.</summary>
    public required string SuperOptions { get; init; }
}
