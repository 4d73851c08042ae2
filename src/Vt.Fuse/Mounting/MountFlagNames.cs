using Vt.Posix.Mounts;

namespace Vt.Fuse.Mounting;

/// <summary>The names that mount(8) has for flags of a mount.</summary>
static class MountFlagNames
{
    /// <summary>Each name, its flag, and whether it sets or clears it.</summary>
    public static IReadOnlyList<(string Name, MountFlags Flag, bool Set)> All { get; } =
    [
        ("ro", MountFlags.MS_RDONLY, true), ("rw", MountFlags.MS_RDONLY, false),
        ("nosuid", MountFlags.MS_NOSUID, true), ("suid", MountFlags.MS_NOSUID, false),
        ("nodev", MountFlags.MS_NODEV, true), ("dev", MountFlags.MS_NODEV, false),
        ("noexec", MountFlags.MS_NOEXEC, true), ("exec", MountFlags.MS_NOEXEC, false),
        ("noatime", MountFlags.MS_NOATIME, true), ("atime", MountFlags.MS_NOATIME, false),
        ("nodiratime", MountFlags.MS_NODIRATIME, true), ("diratime", MountFlags.MS_NODIRATIME, false),
        ("relatime", MountFlags.MS_RELATIME, true), ("norelatime", MountFlags.MS_RELATIME, false),
        ("strictatime", MountFlags.MS_STRICTATIME, true), ("nostrictatime", MountFlags.MS_STRICTATIME, false),
        ("sync", MountFlags.MS_SYNCHRONOUS, true), ("async", MountFlags.MS_SYNCHRONOUS, false),
        ("dirsync", MountFlags.MS_DIRSYNC, true),
    ];

    /// <summary>What a name means; null if it is none of these.</summary>
    public static (string Name, MountFlags Flag, bool Set)? Find(string name)
    {
        foreach (var known in All)
        {
            if (known.Name == name)
                return known;
        }

        return null;
    }
}
