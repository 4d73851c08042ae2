using System.Globalization;
using Vt.Blocks.Hashing;
using Vt.Stores.DataDir.Index;

namespace Vt.Stores.S3;

/// <summary>The keys of a store's objects, behind its prefix; vt-s3(5) has the table.</summary>
static class S3Layout
{
    /// <summary>What the store is made with.</summary>
    public const string Config = "vt-store";

    /// <summary>Where packs lie.</summary>
    public const string Packs = "packs/";

    /// <summary>Where index objects lie.</summary>
    public const string Index = "index/";

    /// <summary>Where references lie.</summary>
    public const string Refs = "refs/";

    /// <summary>Where older movements of references lie.</summary>
    public const string RefLogs = "reflogs/";

    /// <summary>Where it is found out what the server can do.</summary>
    public const string Probes = "probe/";

    const string PackSuffix = ".vtd";
    const string IndexSuffix = ".idx";

    /// <summary>The key of a pack.</summary>
    public static string Pack(PackId id) => $"{Packs}{id}{PackSuffix}";

    /// <summary>The name of an index object, as key and as local file: the level comes first, since the widest are read first.</summary>
    public static string IndexName(int level, PackId id) => string.Create(CultureInfo.InvariantCulture, $"{level:d2}-{id}{IndexSuffix}");

    /// <summary>Reads the name of an index object.</summary>
    /// <returns>Whether it was one.</returns>
    public static bool TryParseIndexName(string name, out int level, out PackId id)
    {
        level = 0;
        id = default;
        return name.Length == 3 + (PackId.Length * 2) + IndexSuffix.Length && name[2] == '-' && name.EndsWith(IndexSuffix, StringComparison.Ordinal)
            && int.TryParse(name.AsSpan(0, 2), NumberStyles.None, CultureInfo.InvariantCulture, out level)
            && PackId.TryParse(name.AsSpan(3, PackId.Length * 2), out id);
    }

    /// <summary>The key of a block that is an object of its own.</summary>
    public static string Block(in BlockHash hash) => hash.ToString();

    /// <summary>The key of a reference.</summary>
    public static string Ref(string name) => Refs + name;

    /// <summary>The key of older movements of a reference.</summary>
    public static string RefLog(string name, string token) => $"{RefLogs}{name}/{token}";
}
