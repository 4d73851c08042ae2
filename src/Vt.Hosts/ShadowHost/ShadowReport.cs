using Vt.Trees.Archives;
using Vt.Trees.Shadow;

namespace Vt.Hosts.ShadowHost;

/// <summary>What a round did.</summary>
public sealed record ShadowReport
{
    /// <summary>The paths at which the archive got what the folder had; in a dry run, would get.</summary>
    public required IReadOnlyList<byte[]> ToStore { get; init; }

    /// <summary>The paths at which the folder got what the archive had; in a dry run, would get.</summary>
    public required IReadOnlyList<byte[]> ToFolder { get; init; }

    /// <summary>What both had changed.</summary>
    public required IReadOnlyList<ShadowConflict> Conflicts { get; init; }

    /// <summary>The state that the archive got; null for none.</summary>
    public ArchiveState? State { get; init; }

    /// <summary>What waits for another round, with why.</summary>
    public IReadOnlyList<(byte[] Path, string Why)> Waiting { get; init; } = [];

    /// <summary>What waits that is no fault: by <see cref="ShadowOptions.Direction"/>.</summary>
    public bool WaitsByDirection { get; init; }

    /// <summary>What the folder could not have as it should be, a line each.</summary>
    public IReadOnlyList<string> Lost { get; init; } = [];

    /// <summary>Whether something of the folder could not be taken as it is.</summary>
    public bool IsPartial { get; init; }

    /// <summary>Whether there was nothing to do.</summary>
    public bool IsQuiet => ToStore.Count == 0 && ToFolder.Count == 0 && Conflicts.Count == 0 && Waiting.Count == 0;
}
