using Vt.Blocks.BlockTree;

namespace Vt.Trees.Import;

/// <summary>The content of a file, known without reading it.</summary>
/// <param name="Content">The content.</param>
/// <param name="HoleSpan">How many bytes of it lie in holes.</param>
public readonly record struct ContentInPlace(BlockRef Content, ulong HoleSpan);
