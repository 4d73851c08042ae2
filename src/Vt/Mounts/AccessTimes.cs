using Vt.Files;
using Vt.Posix.Mounts;

namespace Vt.Mounts;

/// <summary>What the options of mount(8) about the time of the last access mean for a mount for writing.</summary>
static class AccessTimes
{
    /// <summary>The policy that the flags ask for; where they don't, the one that costs nothing and makes no states.</summary>
    public static AccessTimePolicy PolicyOf(MountFlags flags)
    {
        if (flags.HasFlag(MountFlags.MS_NOATIME))
            return AccessTimePolicy.Never;
        if (flags.HasFlag(MountFlags.MS_STRICTATIME))
            return AccessTimePolicy.Strict;
        return flags.HasFlag(MountFlags.MS_RELATIME) ? AccessTimePolicy.Relative : AccessTimePolicy.Lazy;
    }
}
