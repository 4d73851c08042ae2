namespace Vt.Stores.DataDir.Index;

/// <summary>Where a run lies in a file.</summary>
/// <param name="Path">The file.</param>
/// <param name="Offset">The run's first byte, from the file's start.</param>
/// <param name="Length">The run's bytes, header to trailer.</param>
readonly record struct RunPlace(string Path, long Offset, long Length);
