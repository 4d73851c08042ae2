namespace Vt.Dvol;

/// <summary>An option of dvol.</summary>
/// <param name="Name">Its name behind two dashes.</param>
/// <param name="Letter">Its letter behind one; null for none.</param>
/// <param name="HasValue">Whether a value follows.</param>
/// <param name="Commands">The commands that have it; null for all.</param>
sealed record DvolOption(string Name, string? Letter, bool HasValue, IReadOnlyList<string>? Commands);
