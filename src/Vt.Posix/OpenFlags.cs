namespace Vt.Posix;

/// <summary>How to open a file (open(2)). The values are those of x86-64; calls translate the four that arm64 numbers differently.</summary>
[Flags]
public enum OpenFlags
{
    /// <summary>Reading only.</summary>
    O_RDONLY = 0,

    /// <summary>Writing only.</summary>
    O_WRONLY = 1,

    /// <summary>Reading and writing.</summary>
    O_RDWR = 2,

    /// <summary>Makes the file where there is none.</summary>
    O_CREAT = 0x40,

    /// <summary>With <see cref="O_CREAT"/>: fails where something has the name.</summary>
    O_EXCL = 0x80,

    /// <summary>Never becomes the controlling terminal.</summary>
    O_NOCTTY = 0x100,

    /// <summary>Empties the file.</summary>
    O_TRUNC = 0x200,

    /// <summary>Every write goes to the end.</summary>
    O_APPEND = 0x400,

    /// <summary>Does not wait: for a fifo's other end, a device, a lease.</summary>
    O_NONBLOCK = 0x800,

    /// <summary>Every write is durable as fdatasync makes it.</summary>
    O_DSYNC = 0x1000,

    /// <summary>Past the page cache.</summary>
    O_DIRECT = 0x4000,

    /// <summary>Fails unless it is a directory.</summary>
    O_DIRECTORY = 0x10000,

    /// <summary>Fails where the last component is a symbolic link.</summary>
    O_NOFOLLOW = 0x20000,

    /// <summary>Reading leaves the access time alone; the owner and root only.</summary>
    O_NOATIME = 0x40000,

    /// <summary>Closed on exec. Every open of this assembly adds it.</summary>
    O_CLOEXEC = 0x80000,

    /// <summary>Every write is durable as fsync makes it.</summary>
    O_SYNC = 0x101000,

    /// <summary>A place in the tree, without opening what is there.</summary>
    O_PATH = 0x200000,

    /// <summary>An unnamed file in the directory given.</summary>
    O_TMPFILE = 0x410000,
}

