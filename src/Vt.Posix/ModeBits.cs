namespace Vt.Posix;

/// <summary>The parts of a file's mode (inode(7)).</summary>
public static class ModeBits
{
    /// <summary>Masks the file's type.</summary>
    public const uint S_IFMT = 0xf000;

    /// <summary>A socket.</summary>
    public const uint S_IFSOCK = 0xc000;

    /// <summary>A symbolic link.</summary>
    public const uint S_IFLNK = 0xa000;

    /// <summary>A regular file.</summary>
    public const uint S_IFREG = 0x8000;

    /// <summary>A block device.</summary>
    public const uint S_IFBLK = 0x6000;

    /// <summary>A directory.</summary>
    public const uint S_IFDIR = 0x4000;

    /// <summary>A character device.</summary>
    public const uint S_IFCHR = 0x2000;

    /// <summary>A fifo.</summary>
    public const uint S_IFIFO = 0x1000;

    /// <summary>Runs as its owner.</summary>
    public const uint S_ISUID = 0x800;

    /// <summary>Runs as its group; in a directory, what is made there gets its group.</summary>
    public const uint S_ISGID = 0x400;

    /// <summary>In a directory, only owners delete.</summary>
    public const uint S_ISVTX = 0x200;

    /// <summary>Masks permissions with setuid, setgid and sticky: all that chmod(2) sets.</summary>
    public const uint PermissionMask = 0xfff;
}
