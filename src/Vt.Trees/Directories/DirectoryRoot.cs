using Vt.Blocks.BlockTree;

namespace Vt.Trees.Directories;

/// <summary>A whole directory: its root node and how much is in it.</summary>
/// <param name="Content">The root node's block, to be a directory dirent's content; empty for no entries.</param>
/// <param name="Entries">How many entries it has.</param>
/// <param name="Subdirectories">How many of them are directories; a directory's link count is two more.</param>
public readonly record struct DirectoryRoot(BlockRef Content, long Entries, long Subdirectories);
