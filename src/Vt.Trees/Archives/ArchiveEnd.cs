namespace Vt.Trees.Archives;

/// <summary>How an archive file ends, and so where lines are appended.</summary>
/// <param name="Length">Up to where the file is kept: behind the last line that has its end, or lacks nothing but that. 0 of a new archive.</param>
/// <param name="Last">The last state; null where there is none.</param>
/// <param name="LacksLineFeed">Whether the last line is whole but for its line feed.</param>
/// <param name="SoundLength">Where the damaged lines begin that are the last ones; the length where there are none.</param>
/// <param name="DamagedLines">How many they are.</param>
readonly record struct ArchiveEnd(long Length, ArchiveState? Last, bool LacksLineFeed, long SoundLength, int DamagedLines)
{
    /// <summary>Whether there is no archive yet.</summary>
    public bool IsNew => Length == 0;
}
