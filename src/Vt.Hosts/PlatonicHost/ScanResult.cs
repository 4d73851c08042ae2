using Vt.Trees.Archives;
using Vt.Trees.Dirents;

namespace Vt.Hosts.PlatonicHost;

/// <summary>What a scan of a platonic store found.</summary>
/// <param name="Root">The folder's tree.</param>
/// <param name="State">The state that was added to the archive; null where nothing has changed.</param>
/// <param name="IsPartial">Whether something could not be taken as it is.</param>
public sealed record ScanResult(Dirent Root, ArchiveState? State, bool IsPartial);
