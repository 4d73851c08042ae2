namespace Vt.Trees.Archives;

/// <summary>A line of a file.</summary>
/// <param name="Start">Where it starts, in bytes.</param>
/// <param name="Bytes">What it says, without its end; of an overlong line only so much that it shows.</param>
/// <param name="IsTorn">Whether its end is missing: it is the last one, and was perhaps not written to its end.</param>
readonly record struct ScannedLine(long Start, ReadOnlyMemory<byte> Bytes, bool IsTorn);
