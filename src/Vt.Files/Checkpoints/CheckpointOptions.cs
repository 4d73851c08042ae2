namespace Vt.Files.Checkpoints;

/// <summary>When checkpoints are made by themselves.</summary>
/// <param name="Interval">After how long at the latest.</param>
/// <param name="Gathered">After how many written bytes at the latest.</param>
/// <param name="Clock">Tells the time.</param>
/// <param name="Quota">What a checkpoint makes exact; null for none.</param>
/// <param name="Tick">Called about every second between checkpoints; null for nobody.</param>
/// <param name="Log">Gets a line about each that fails; null for nobody.</param>
sealed record CheckpointOptions(TimeSpan Interval, long Gathered, TimeProvider Clock, Quota? Quota, Action? Tick, Action<string>? Log)
{
    /// <summary>Whether nothing is kept at the end: the last changes are not stored.</summary>
    public bool IsTemporary { get; init; }

    /// <summary>How long the end waits for a store that answers nothing at all.</summary>
    public required TimeSpan EndPatience { get; init; }
}
