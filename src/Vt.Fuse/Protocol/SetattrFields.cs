namespace Vt.Fuse.Protocol;

/// <summary>Which attributes SETATTR changes (FATTR_ flags).</summary>
[Flags]
public enum SetattrFields : uint
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Permissions.</summary>
    Mode = 1 << 0,

    /// <summary>Owner.</summary>
    Uid = 1 << 1,

    /// <summary>Group.</summary>
    Gid = 1 << 2,

    /// <summary>Size.</summary>
    Size = 1 << 3,

    /// <summary>Time of access.</summary>
    AccessTime = 1 << 4,

    /// <summary>Time of modification.</summary>
    ModificationTime = 1 << 5,

    /// <summary>The handle is valid.</summary>
    Handle = 1 << 6,

    /// <summary>The time of access is now.</summary>
    AccessTimeNow = 1 << 7,

    /// <summary>The time of modification is now.</summary>
    ModificationTimeNow = 1 << 8,

    /// <summary>The lock owner is valid.</summary>
    LockOwner = 1 << 9,

    /// <summary>Time of change, of a kernel that caches writes.</summary>
    ChangeTime = 1 << 10,

    /// <summary>Clear setuid and setgid.</summary>
    KillSuidGid = 1 << 11,
}
