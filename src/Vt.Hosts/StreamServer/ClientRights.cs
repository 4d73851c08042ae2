using Vt.Stores.Streams.Protocol;

namespace Vt.Hosts.StreamServer;

/// <summary>What a client may do, as far as the way that it came by says.</summary>
/// <param name="Access">The most that it may do with an export.</param>
/// <param name="Exports">The exports that it may use; null for all.</param>
public sealed record ClientRights(ExportAccess Access = ExportAccess.ReadWrite, IReadOnlyList<string>? Exports = null)
{
    /// <summary>The rights of somebody whom the file system's permissions let in.</summary>
    public static ClientRights All { get; } = new();

    /// <summary>Whether an export is for it.</summary>
    public bool MayUse(string export) => Exports is null || Exports.Contains(export);
}
