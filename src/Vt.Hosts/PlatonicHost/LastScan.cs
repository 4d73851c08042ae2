namespace Vt.Hosts.PlatonicHost;

/// <summary>What the last scan of a platonic store found.</summary>
/// <param name="When">When it ended.</param>
/// <param name="Directories">Folders that were looked at.</param>
/// <param name="Entries">Names in them other than folders.</param>
/// <param name="Bytes">The sizes of the files among them.</param>
/// <param name="FilesRead">Files that were read.</param>
/// <param name="BytesRead">How many bytes of them.</param>
/// <param name="Took">How long it took.</param>
public sealed record LastScan(DateTimeOffset When, long Directories, long Entries, long Bytes, long FilesRead, long BytesRead, TimeSpan Took);
