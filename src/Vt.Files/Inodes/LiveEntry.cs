namespace Vt.Files.Inodes;

/// <summary>What is known of a name.</summary>
/// <param name="Inode">What it leads to; null where there is no such name (any more).</param>
/// <param name="Stamp">The epoch in which that last changed; 0 where it is as it is stored.</param>
readonly record struct LiveEntry(Inode? Inode, uint Stamp);
