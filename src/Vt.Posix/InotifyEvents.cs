namespace Vt.Posix;

/// <summary>What is watched for, and what happened (inotify(7)).</summary>
[Flags]
public enum InotifyEvents : uint
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Content was written or cut.</summary>
    IN_MODIFY = 0x2,

    /// <summary>Mode, owner, times, attributes or the number of links changed.</summary>
    IN_ATTRIB = 0x4,

    /// <summary>A file that was open for writing was closed.</summary>
    IN_CLOSE_WRITE = 0x8,

    /// <summary>A name went elsewhere.</summary>
    IN_MOVED_FROM = 0x40,

    /// <summary>A name came.</summary>
    IN_MOVED_TO = 0x80,

    /// <summary>A name was made.</summary>
    IN_CREATE = 0x100,

    /// <summary>A name was removed.</summary>
    IN_DELETE = 0x200,

    /// <summary>The folder itself was removed.</summary>
    IN_DELETE_SELF = 0x400,

    /// <summary>The folder itself got another name or place.</summary>
    IN_MOVE_SELF = 0x800,

    /// <summary>The folder's file system was unmounted.</summary>
    IN_UNMOUNT = 0x2000,

    /// <summary>The queue was full, and events are lost.</summary>
    IN_Q_OVERFLOW = 0x4000,

    /// <summary>The watch has ended.</summary>
    IN_IGNORED = 0x8000,

    /// <summary>For watching: only if it is a folder.</summary>
    IN_ONLYDIR = 0x1000000,

    /// <summary>For watching: nothing about files that have no name any more.</summary>
    IN_EXCL_UNLINK = 0x4000000,

    /// <summary>It happened to a folder.</summary>
    IN_ISDIR = 0x40000000,
}
