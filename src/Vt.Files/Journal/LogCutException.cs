namespace Vt.Files.Journal;

/// <summary>
/// A log was cut where a power cut had left it, and has to be opened once more: its records told of bytes that had passed since, though what
/// took their place was not durable yet. Nothing that was acknowledged is lost by that.
/// </summary>
/// <param name="message">Which file, and where.</param>
/// <param name="end">Where the last file ends now.</param>
sealed class LogCutException(string message, long end) : IOException(message)
{
    /// <summary>Where the last file ends now, in bytes. Each cut is before the one before it: what a cut takes away may have let go of other bytes.</summary>
    public long End { get; } = end;
}
