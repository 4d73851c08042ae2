namespace Vt.Output;

/// <summary>How far long work has come.</summary>
/// <param name="Bytes">Bytes of content dealt with.</param>
/// <param name="Files">Files dealt with.</param>
/// <param name="TotalBytes">How many bytes there will be; null where that isn't known.</param>
/// <param name="TotalFiles">How many files there will be; null where that isn't known.</param>
/// <param name="NewBytes">Bytes that the store did not have; null where nothing is stored.</param>
/// <param name="KnownBytes">Bytes that the store had already; null where nothing is stored.</param>
readonly record struct ProgressSnapshot(
    long Bytes, long Files, long? TotalBytes = null, long? TotalFiles = null, long? NewBytes = null, long? KnownBytes = null)
{
    /// <summary>What is counted where it isn't files; null where it is.</summary>
    public string? Things { get; init; }
}
