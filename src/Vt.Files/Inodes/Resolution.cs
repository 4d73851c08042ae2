using Vt.Blocks.BlockTree;

namespace Vt.Files.Inodes;

/// <summary>What a name led to at some moment.</summary>
/// <param name="Inode">The inode; null where there was no such name.</param>
/// <param name="Stored">The directory's stored entries then.</param>
/// <param name="Generation">The directory's <see cref="LiveDirectory.Generation"/> then.</param>
readonly record struct Resolution(Inode? Inode, BlockRef Stored, uint Generation);
