using Vt.Trees.Dirents;

namespace Vt.Files.Inodes;

/// <summary>What the tree in memory has to do in order to show another stored tree.</summary>
/// <param name="root">That tree.</param>
sealed class TreeTurn(Dirent root)
{
    /// <summary>The root of the other tree, with its inode table.</summary>
    public Dirent Root { get; } = root;

    /// <summary>The directories in memory that are there in both trees and differ, with their entries in the other one.</summary>
    public List<(Inode Directory, Dirent After)> Directories { get; } = [];

    /// <summary>Inodes in memory that the other tree doesn't have, or has differently.</summary>
    public List<Inode> Gone { get; } = [];

    /// <summary>Names of the other tree that somebody may remember as missing.</summary>
    public List<(Inode Directory, byte[] Name)> Appeared { get; } = [];

    /// <summary>How much content the other tree has; null where nobody counts.</summary>
    public long? Bytes { get; init; }
}
