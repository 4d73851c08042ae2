namespace Vt.Fuse.Protocol;

/// <summary>How a write came about (FUSE_WRITE_ flags).</summary>
[Flags]
public enum WriteFlags : uint
{
    /// <summary>By write(2).</summary>
    None = 0,

    /// <summary>From the page cache: the caller and the handle are guesses.</summary>
    Cache = 1 << 0,

    /// <summary>The lock owner is valid.</summary>
    LockOwner = 1 << 1,

    /// <summary>Clear setuid and setgid.</summary>
    KillSuidGid = 1 << 2,
}
