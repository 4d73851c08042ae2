namespace Vt.Posix.Mounts;

/// <summary>How to mount (mount(2)).</summary>
[Flags]
public enum MountFlags : ulong
{
    /// <summary>Nothing special.</summary>
    None = 0,

    /// <summary>Read-only.</summary>
    MS_RDONLY = 1,

    /// <summary>Setuid, setgid and file capabilities have no effect.</summary>
    MS_NOSUID = 2,

    /// <summary>Device nodes can't be opened.</summary>
    MS_NODEV = 4,

    /// <summary>Programs can't be run.</summary>
    MS_NOEXEC = 8,

    /// <summary>Writes are synchronous.</summary>
    MS_SYNCHRONOUS = 16,

    /// <summary>Changes of folders are synchronous.</summary>
    MS_DIRSYNC = 128,

    /// <summary>Access times are left alone.</summary>
    MS_NOATIME = 1024,

    /// <summary>Access times of folders are left alone.</summary>
    MS_NODIRATIME = 2048,

    /// <summary>What is mounted elsewhere is shown here as well.</summary>
    MS_BIND = 4096,

    /// <summary>Access times move only past modification times, and once a day.</summary>
    MS_RELATIME = 1 << 21,

    /// <summary>Access times always move.</summary>
    MS_STRICTATIME = 1 << 24,
}
