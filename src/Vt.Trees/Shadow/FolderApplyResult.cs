namespace Vt.Trees.Shadow;

/// <summary>What became of a folder.</summary>
public sealed record FolderApplyResult
{
    /// <summary>The paths that are as they should be, as far as the system lets them.</summary>
    public IReadOnlyList<byte[]> Done { get; init; } = [];

    /// <summary>The folders at or below which something was done: their own entries may be new.</summary>
    public IReadOnlyList<byte[]> Folders { get; init; } = [];

    /// <summary>The paths that are not, and wait for another time, each with why.</summary>
    public IReadOnlyList<(byte[] Path, string Why)> Waiting { get; init; } = [];

    /// <summary>What could not be had as it should be: owners, modes, attributes, times. A line each.</summary>
    public IReadOnlyList<string> Lost { get; init; } = [];
}
