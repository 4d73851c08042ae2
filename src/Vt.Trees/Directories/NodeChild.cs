using Vt.Blocks.BlockTree;

namespace Vt.Trees.Directories;

/// <summary>What an interior node says of a node below it.</summary>
/// <param name="LastKey">The largest key below.</param>
/// <param name="Node">The node's block.</param>
/// <param name="Entries">How many dirents lie below.</param>
/// <param name="Subdirectories">How many of them are directories.</param>
readonly record struct NodeChild(ReadOnlyMemory<byte> LastKey, BlockRef Node, long Entries, long Subdirectories);
