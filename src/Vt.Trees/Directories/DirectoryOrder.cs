namespace Vt.Trees.Directories;

/// <summary>By what the dirents of a tree are ordered and found. Numbers are part of the nodes' form.</summary>
public enum DirectoryOrder : byte
{
    /// <summary>By the bytes of their names: a directory.</summary>
    Names = 0,

    /// <summary>By the bytes of their UUIDs, and without names: an inode table.</summary>
    Uuids = 1,
}
