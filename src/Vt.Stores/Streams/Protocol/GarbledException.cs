namespace Vt.Stores.Streams.Protocol;

/// <summary>The server's checks found that blocks did not arrive as they were sent.</summary>
/// <param name="message">What it said.</param>
sealed class GarbledException(string message) : IOException(message);
