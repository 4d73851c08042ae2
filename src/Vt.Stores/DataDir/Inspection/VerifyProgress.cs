namespace Vt.Stores.DataDir.Inspection;

/// <summary>How far verification is.</summary>
/// <param name="DoneBytes">Bytes of packs that were read.</param>
/// <param name="TotalBytes">Bytes of packs that there are.</param>
/// <param name="Blocks">Blocks that were checked.</param>
/// <param name="Faults">Faults found.</param>
public readonly record struct VerifyProgress(long DoneBytes, long TotalBytes, long Blocks, long Faults);
