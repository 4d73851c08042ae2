namespace Vt.Posix.Mounts;

/// <summary>How to unmount (umount2(2)).</summary>
[Flags]
public enum UnmountFlags
{
    /// <summary>Fails with EBUSY while somebody uses it.</summary>
    None = 0,

    /// <summary>Ends what is going on, where the filesystem can.</summary>
    MNT_FORCE = 1,

    /// <summary>Takes it out of the tree at once; it goes when its last user does.</summary>
    MNT_DETACH = 2,

    /// <summary>Doesn't follow a symbolic link.</summary>
    UMOUNT_NOFOLLOW = 8,
}
