using System.Globalization;
using Vt.Blocks.Chunking;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Stores.Config;

/// <summary>The closed list of store types: which keys each takes and what their values may be.</summary>
public static class StoreTypes
{
    const string PathKey = "path";
    const string HashKey = "hashname";
    const string BlockSizeKey = "block_size";
    const string PackSizeKey = "pack_size";
    const string LevelKey = "level";
    const string MaxDataKey = "max_data";
    const long SmallestMaxData = 64 << 10;
    const long SmallestPack = 1 << 20;
    const long LargestPack = 1L << 34;

    static readonly string[] DataDirKeys = [ConfigClause.TypeKey, PathKey, HashKey, BlockSizeKey, PackSizeKey, LevelKey];
    static readonly string[] MemoryKeys = [ConfigClause.TypeKey, MaxDataKey];

    /// <summary>The types' names, for messages.</summary>
    public const string Known = $"{DataDirSettings.Type}, {MemorySettings.Type}";

    /// <summary>Whether a word names a type.</summary>
    public static bool IsKnown(string type) => type is DataDirSettings.Type or MemorySettings.Type;

    /// <summary>Reads a clause, or the parameters of a store spec in a clause's form.</summary>
    /// <exception cref="UserErrorException">A type, key or value is not known; the message names its place.</exception>
    public static StoreSettings Build(ConfigClause clause, ConfigPaths paths)
    {
        var type = clause.Find(ConfigClause.TypeKey)
            ?? throw new UserErrorException($"{clause.Origin}: clause [{clause.Name}] has no type; known types: {Known}");
        return type.Value switch
        {
            DataDirSettings.Type => BuildDataDir(clause, paths),
            MemorySettings.Type => BuildMemory(clause),
            _ => throw new UserErrorException($"{type.Origin}: '{type.Value}' is no store type; known types: {Known}"),
        };
    }

    static DataDirSettings BuildDataDir(ConfigClause clause, ConfigPaths paths)
    {
        RefuseOtherKeys(clause, DataDirSettings.Type, DataDirKeys);
        var path = clause.Find(PathKey);
        return new DataDirSettings(paths.Expand(path?.Value ?? clause.Name, path?.Origin ?? clause.Origin))
        {
            Hash = clause.Find(HashKey) is { } hash ? HashOf(hash) : null,
            BlockSize = clause.Find(BlockSizeKey) is { } size ? (int)SizeOf(size, 1 << 10, ChunkingParameters.LargestBlock / 4) : null,
            PackSize = clause.Find(PackSizeKey) is { } pack ? SizeOf(pack, SmallestPack, LargestPack) : null,
            Level = clause.Find(LevelKey) is { } level ? LevelOf(level) : null,
        };
    }

    static MemorySettings BuildMemory(ConfigClause clause)
    {
        RefuseOtherKeys(clause, MemorySettings.Type, MemoryKeys);
        if (clause.Find(MaxDataKey) is not { } maximum)
            return new MemorySettings();
        return new MemorySettings { MaxData = SizeOf(maximum, SmallestMaxData, long.MaxValue) };
    }

    /// <summary>Reads the value of a setting that names a hash algorithm.</summary>
    public static HashAlgorithmId HashOf(ConfigSetting setting)
    {
        if (HashAlgorithms.TryParseName(setting.Value, out var algorithm))
            return algorithm;
        var names = new List<string>();
        foreach (var known in HashAlgorithms.All)
            names.Add(HashAlgorithms.NameOf(known));
        throw new UserErrorException($"{setting.Origin}: '{setting.Value}' is no hash algorithm; known: {string.Join(", ", names)}");
    }

    static long SizeOf(ConfigSetting setting, long least, long most)
    {
        if (!ScaledSize.TryParse(setting.Value, out var bytes))
            throw new UserErrorException($"{setting.Origin}: '{setting.Value}' is no size; write it as 4096, 99k or 8 GiB");
        if (bytes >= least && bytes <= most)
            return bytes;
        var bounds = most == long.MaxValue ? $"at least {ScaledSize.ToText(least)}" : $"from {ScaledSize.ToText(least)} to {ScaledSize.ToText(most)}";
        throw new UserErrorException($"{setting.Origin}: {setting.Key} is {bytes} bytes; it must be {bounds}");
    }

    static int LevelOf(ConfigSetting setting) =>
        int.TryParse(setting.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var level) && level is >= -7 and <= 19
            ? level
            : throw new UserErrorException($"{setting.Origin}: '{setting.Value}' is no compression level; it must be a number from -7 to 19");

    static void RefuseOtherKeys(ConfigClause clause, string type, string[] keys)
    {
        foreach (var setting in clause.Settings)
        {
            if (Array.IndexOf(keys, setting.Key) < 0)
            {
                throw new UserErrorException(
                    $"{setting.Origin}: '{setting.Key}' is no setting of a {type} store; it takes {string.Join(", ", keys)}");
            }
        }
    }
}
