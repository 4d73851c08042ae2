namespace Vt.Files.Journal;

/// <summary>Where bytes lie in the log of a live file system. What was written there is never changed, only dropped.</summary>
/// <param name="Segment">The log file's number.</param>
/// <param name="Offset">The first byte's offset in that file.</param>
readonly record struct LogPlace(uint Segment, long Offset)
{
    /// <summary>The place so many bytes further on.</summary>
    public LogPlace Plus(long count) => this with { Offset = Offset + count };
}
