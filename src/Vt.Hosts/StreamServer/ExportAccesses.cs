using Vt.Stores.Streams.Protocol;

namespace Vt.Hosts.StreamServer;

/// <summary>The words for what clients may do.</summary>
public static class ExportAccesses
{
    /// <summary>What a word means; null where it means nothing here.</summary>
    public static ExportAccess? TryParse(string word) => word switch
    {
        "read-only" => ExportAccess.ReadOnly,
        "append-only" => ExportAccess.AppendOnly,
        "read-write" => ExportAccess.ReadWrite,
        _ => null,
    };

    /// <summary>The word.</summary>
    public static string NameOf(ExportAccess access) => access switch
    {
        ExportAccess.ReadOnly => "read-only",
        ExportAccess.AppendOnly => "append-only",
        _ => "read-write",
    };
}
