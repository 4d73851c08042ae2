namespace Vt.Trees.Diff;

/// <summary>In what two inodes under one path differ.</summary>
[Flags]
public enum ChangedParts
{
    /// <summary>In nothing.</summary>
    None = 0,

    /// <summary>One is, say, a file and the other a directory.</summary>
    Kind = 1,

    /// <summary>Other bytes in a file, another target of a symbolic link. Of directories never: their entries are reported.</summary>
    Content = 2,

    /// <summary>Permissions, owner, modification time, device or attributes: what a restore brings back.</summary>
    Metadata = 4,

    /// <summary>Change time, birth time, link count, UUID or the source's inode number: what no restore brings back.</summary>
    Bookkeeping = 8,
}
