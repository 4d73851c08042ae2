namespace Vt.Trees.Watch;

/// <summary>How a folder is watched.</summary>
public sealed record FolderMonitorOptions
{
    /// <summary>How many folders are watched at most; what lies in others is found by rescans alone. The system has a limit of its own, for each user.</summary>
    public int MostWatches { get; init; } = int.MaxValue;

    /// <summary>Whether symbolic links to folders are taken as those.</summary>
    public bool FollowSymlinks { get; init; }

    /// <summary>Folders that are not watched, nor what is in them, by path.</summary>
    public IReadOnlyList<string> SkippedDirectories { get; init; } = [];
}
