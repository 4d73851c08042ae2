namespace Vt.Files.Inodes;

/// <summary>What stat(2) tells of an inode.</summary>
public readonly record struct InodeAttributes
{
    /// <summary>The inode number, the same in every mount of the same state.</summary>
    public required ulong Number { get; init; }

    /// <summary>File type and permission bits as in st_mode.</summary>
    public required uint Mode { get; init; }

    /// <summary>How many names it has; 1 of a directory whose subdirectories nobody counted.</summary>
    public uint Links { get; init; }

    /// <summary>The owner.</summary>
    public uint Uid { get; init; }

    /// <summary>The group.</summary>
    public uint Gid { get; init; }

    /// <summary>Major device number of a device node.</summary>
    public uint DeviceMajor { get; init; }

    /// <summary>Minor device number of a device node.</summary>
    public uint DeviceMinor { get; init; }

    /// <summary>The length of the content in bytes.</summary>
    public long Size { get; init; }

    /// <summary>How much of it is not in holes, in units of 512 bytes.</summary>
    public long Blocks { get; init; }

    /// <summary>When it was last read, where that is known; otherwise it counts as read when it was made.</summary>
    public (long Seconds, uint Nanoseconds)? Accessed { get; init; }

    /// <summary>When it was last read, as stat(2) tells it.</summary>
    public (long Seconds, uint Nanoseconds) LastAccess => Accessed ?? Born ?? Modified;

    /// <summary>When the content last changed: seconds and nanoseconds since 1970.</summary>
    public (long Seconds, uint Nanoseconds) Modified { get; init; }

    /// <summary>When the inode last changed.</summary>
    public (long Seconds, uint Nanoseconds) Changed { get; init; }

    /// <summary>When the file was made; null where it isn't known.</summary>
    public (long Seconds, uint Nanoseconds)? Born { get; init; }
}
