using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Stores.Config;

/// <summary>The closed list of store types.</summary>
public static class StoreTypes
{
    static readonly StoreType[] _all =
    [
        new(DataDirSettings.Type, DataDirSettings.Read) { Needed = [DataDirSettings.PathKey] },
        new(MemorySettings.Type, MemorySettings.Read),
        new(SocketSettings.Type, SocketSettings.Read) { Schemes = [SocketSettings.Scheme], AddressKey = SocketSettings.PathKey, Needed = [SocketSettings.PathKey] },
        new(TcpSettings.Type, TcpSettings.Read) { Schemes = [TcpSettings.Type], AddressKey = TcpSettings.AddressKey },
        new(SshSettings.Type, SshSettings.Read) { Schemes = [SshSettings.Type], AddressKey = SshSettings.UrlKey },
        new(CommandSettings.Type, CommandSettings.Read) { Needed = [CommandSettings.CommandKey] },
        new(S3Settings.Type, S3Settings.Read) { Schemes = [S3Settings.Type] },
        new(ProxySettings.Type, ProxySettings.ReadClause),
        new(CacheSettings.Type, CacheSettings.Read) { Needed = ["path"] },
        new(PackFileSettings.Type, PackFileSettings.Read) { Schemes = [PackFileSettings.Type], AddressKey = PackFileSettings.PathKey, Needed = [PackFileSettings.PathKey] },
        new(PlatonicSettings.Type, PlatonicSettings.Read) { Needed = [PlatonicSettings.PathKey] },
        new(HttpSettings.Type, HttpSettings.Read) { Schemes = ["http", "https"], AddressKey = HttpSettings.UrlKey, Needed = [HttpSettings.UrlKey] },
    ];

    /// <summary>The types' names, for messages.</summary>
    public static string Known { get; } = string.Join(", ", _all.Select(static type => type.Name));

    /// <summary>The type of a name; null where there is none.</summary>
    public static StoreType? Find(string name) => Array.Find(_all, type => type.Name == name);

    /// <summary>The type that a spec names by what stands before its colon; null where there is none.</summary>
    public static StoreType? FindScheme(string scheme) => Array.Find(_all, type => type.Schemes.Contains(scheme));

    /// <summary>Reads a clause, or the parameters of a store spec in a clause's form.</summary>
    /// <exception cref="UserErrorException">A type, key or value is not known; the message names its place.</exception>
    public static StoreSettings Build(ConfigClause clause, ConfigPaths paths, Func<ConfigSetting, StoreSettings> resolve)
    {
        var name = clause.Find(ConfigClause.TypeKey)
            ?? throw new UserErrorException($"{clause.Origin}: clause [{clause.Name}] has no type; known types: {Known}");
        var type = Find(name.Value) ?? throw new UserErrorException($"{name.Origin}: '{name.Value}' is no store type; known types: {Known}");
        var reader = new ClauseReader(clause, paths, resolve);
        var settings = type.Read(reader);
        reader.Finish(type.Name);
        return settings;
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
}
