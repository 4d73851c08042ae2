using Vt.Stores.Cache;

namespace Vt.Stores.Config;

/// <summary>A folder in front of another store.</summary>
/// <param name="Path">The folder, absolute.</param>
public sealed record CacheSettings(string Path) : StoreSettings
{
    /// <summary>The word for this type.</summary>
    public const string Type = "cache";

    const string PathKey = "path";
    const string StoreKey = "store";
    const long SmallestLag = 1 << 20;

    /// <inheritdoc/>
    public override string TypeName => Type;

    /// <inheritdoc/>
    public override string Name => $"{Type} {Path}";

    /// <summary>The store behind; null of a cache that is only named as the cache of another store.</summary>
    public StoreSettings? Store { get; init; }

    /// <summary>How many bytes the folder may have.</summary>
    public long MostBytes { get; init; } = new CacheOptions().MostBytes;

    /// <summary>Whether adds are kept here and sent to the store behind later.</summary>
    public bool IsWriteback { get; init; }

    /// <summary>How many bytes may wait to be sent before adds have to wait.</summary>
    public long MostLag { get; init; } = new CacheOptions().MostLag;

    internal static CacheSettings Read(ClauseReader clause)
    {
        var standard = new CacheOptions();
        return new CacheSettings(clause.Path(PathKey, clause.Clause.Name))
        {
            Store = clause.Store(StoreKey),
            MostBytes = clause.Size("max_size", CacheOptions.SmallestSize) ?? standard.MostBytes,
            IsWriteback = clause.Switch("writeback") ?? false,
            MostLag = clause.Size("max_lag", SmallestLag) ?? standard.MostLag,
        };
    }
}
