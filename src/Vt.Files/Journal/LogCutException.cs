namespace Vt.Files.Journal;

/// <summary>
/// A log was cut where a power cut had left it, and has to be opened once more: its records told of bytes that had passed since, though what
/// took their place was not durable yet. Nothing that was acknowledged is lost by that.
/// </summary>
/// <param name="message">Which file, and where.</param>
sealed class LogCutException(string message) : IOException(message);
