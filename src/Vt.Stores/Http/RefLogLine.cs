namespace Vt.Stores.Http;

/// <summary>A line of a reference's log. An empty line is the log's end.</summary>
/// <param name="When">When the movement was made.</param>
/// <param name="Value">The value after it.</param>
/// <param name="Note">Why.</param>
public sealed record RefLogLine(DateTimeOffset When, string? Value, string Note);
