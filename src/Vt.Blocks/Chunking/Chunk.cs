namespace Vt.Blocks.Chunking;

/// <summary>A range of a buffer that is, or is to be, a block.</summary>
/// <param name="Offset">Where it starts in the buffer, in bytes.</param>
/// <param name="Length">How long it is, in bytes.</param>
public readonly record struct Chunk(int Offset, int Length);
