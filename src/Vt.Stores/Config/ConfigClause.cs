namespace Vt.Stores.Config;

/// <summary>A named group of settings: one store, or the group <c>[GLOBAL]</c>.</summary>
/// <param name="Name">What stands between the brackets.</param>
/// <param name="Origin">Where the clause begins.</param>
/// <param name="Settings">Its settings in the order in which they were written; each key once.</param>
public sealed record ConfigClause(string Name, ConfigOrigin Origin, IReadOnlyList<ConfigSetting> Settings)
{
    /// <summary>The clause that is no store.</summary>
    public const string Global = "GLOBAL";

    /// <summary>The key that names a store's type.</summary>
    public const string TypeKey = "type";

    /// <summary>The setting of a key; null where the clause does not have it.</summary>
    public ConfigSetting? Find(string key)
    {
        foreach (var setting in Settings)
        {
            if (setting.Key == key)
                return setting;
        }

        return null;
    }

    /// <summary>
    /// This clause with another laid over it, key by key. Where the other names another store type, it stands alone: a path
    /// that was meant for one type says nothing to the next.
    /// </summary>
    public ConfigClause OverlaidBy(ConfigClause other)
    {
        if (other.Find(TypeKey) is { } type && Find(TypeKey) is { } mine && type.Value != mine.Value)
            return other;

        var merged = new List<ConfigSetting>(Settings.Count + other.Settings.Count);
        foreach (var setting in Settings)
            merged.Add(other.Find(setting.Key) ?? setting);
        foreach (var setting in other.Settings)
        {
            if (Find(setting.Key) is null)
                merged.Add(setting);
        }

        return new ConfigClause(Name, other.Origin, merged);
    }
}
