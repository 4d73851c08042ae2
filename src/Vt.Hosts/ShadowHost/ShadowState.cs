using Vt.Trees.Dirents;

namespace Vt.Hosts.ShadowHost;

/// <summary>What a shadow knows between its rounds.</summary>
public sealed record ShadowState
{
    /// <summary>The shadow's own id, by which the store keeps its trees.</summary>
    public required Guid Id { get; init; }

    /// <summary>The folder.</summary>
    public required string Folder { get; init; }

    /// <summary>The archive.</summary>
    public required string Archive { get; init; }

    /// <summary>The folder's file system.</summary>
    public required ulong Device { get; init; }

    /// <summary>The folder's inode.</summary>
    public required ulong Inode { get; init; }

    /// <summary>When both last agreed on something new.</summary>
    public required DateTimeOffset When { get; init; }

    /// <summary>The archive's state that was agreed on, as the archive has it.</summary>
    public required Dirent Agreed { get; init; }

    /// <summary>The archive's tree but for what the folder has not taken over yet: what the archive's changes are measured against.</summary>
    public required Dirent Base { get; init; }

    /// <summary>The folder's tree but for what the archive has not taken over yet: what the folder's changes are measured against.</summary>
    public required Dirent Seen { get; init; }

    /// <summary>What waits: a path and why.</summary>
    public IReadOnlyList<(string Path, string Why)> Waiting { get; init; } = [];

    /// <summary>The conflicts of the last round that had any, a line each.</summary>
    public IReadOnlyList<string> Conflicts { get; init; } = [];
}
