namespace Vt.Stores.Streams.Client;

/// <summary>A line ended before an answer did.</summary>
/// <param name="message">How.</param>
/// <param name="inner">The cause, where there is one.</param>
sealed class LineLostException(string message, Exception? inner = null) : IOException(message, inner);
