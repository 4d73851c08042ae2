namespace Vt.Stores.Config;

/// <summary>One value and where it comes from.</summary>
/// <param name="Key">The name under which it is set.</param>
/// <param name="Value">The value as it was written, quotes removed.</param>
/// <param name="Origin">The layer, file and line that set it.</param>
public sealed record ConfigSetting(string Key, string Value, ConfigOrigin Origin);
