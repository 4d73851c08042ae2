namespace Vt.Trees.Dirents;

/// <summary>What a name stands for. Numbers are part of the binary form and never reused.</summary>
public enum DirentKind : byte
{
    /// <summary>No kind: the value of an uninitialised variable.</summary>
    None = 0,

    /// <summary>A regular file.</summary>
    File = 1,

    /// <summary>A directory.</summary>
    Directory = 2,

    /// <summary>A symbolic link, whose content is the target.</summary>
    Symlink = 3,

    /// <summary>A named pipe (fifo(7)).</summary>
    Fifo = 4,

    /// <summary>The name of a socket (unix(7)).</summary>
    Socket = 5,

    /// <summary>A character device.</summary>
    CharacterDevice = 6,

    /// <summary>A block device.</summary>
    BlockDevice = 7,

    /// <summary>One of several names of an inode, which the inode table has under this dirent's UUID: a hard link.</summary>
    Indirect = 8,

    /// <summary>Nothing: the name was here and was removed, which hides one of the same name in a tree below.</summary>
    Whiteout = 9,
}
