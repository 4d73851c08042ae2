using Vt.Blocks.BlockTree;

namespace Vt.Files.Inodes;

/// <summary>
/// The entries of a directory at one moment: the stored ones, and those that were not stored, in their order. Immutable, so positions in it stay
/// what they are while names come and go.
/// </summary>
/// <param name="Version">Which state of the directory it is.</param>
/// <param name="Stored">The stored entries.</param>
/// <param name="Changed">The entries that differ from the stored ones; null for those that are gone.</param>
sealed record DirectorySnapshot(uint Version, BlockRef Stored, (byte[] Name, Inode? Inode)[] Changed);
