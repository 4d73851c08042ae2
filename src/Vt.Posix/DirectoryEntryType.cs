namespace Vt.Posix;

/// <summary>What a directory says about an entry (getdents64(2)).</summary>
public enum DirectoryEntryType : byte
{
    /// <summary>It doesn't say: ask statx.</summary>
    DT_UNKNOWN = 0,

    /// <summary>A fifo.</summary>
    DT_FIFO = 1,

    /// <summary>A character device.</summary>
    DT_CHR = 2,

    /// <summary>A directory.</summary>
    DT_DIR = 4,

    /// <summary>A block device.</summary>
    DT_BLK = 6,

    /// <summary>A regular file.</summary>
    DT_REG = 8,

    /// <summary>A symbolic link.</summary>
    DT_LNK = 10,

    /// <summary>A socket.</summary>
    DT_SOCK = 12,

    /// <summary>A whiteout of an overlay.</summary>
    DT_WHT = 14,
}
