namespace Vt.Stores.Http;

/// <summary>A reference's value, as it goes over the wire.</summary>
/// <param name="Value">The value; null where the name has none.</param>
public sealed record RefValue(string? Value);
