namespace Vt.Trees.Check;

/// <summary>A place in a tree that needs a block.</summary>
/// <param name="Tree">Which of the trees.</param>
/// <param name="Path">The entry; null of the root.</param>
/// <param name="Offset">Where in the entry's content the block's bytes start; null of a block of a directory or of attributes.</param>
/// <param name="Length">How many bytes of content hang on the block.</param>
readonly record struct CheckPlace(int Tree, CheckPath? Path, long? Offset, long Length);
