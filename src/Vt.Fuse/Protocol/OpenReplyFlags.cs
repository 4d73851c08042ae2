namespace Vt.Fuse.Protocol;

/// <summary>How the kernel is to treat an open file (FOPEN_ flags).</summary>
[Flags]
public enum OpenReplyFlags : uint
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Past the page cache.</summary>
    DirectIo = 1 << 0,

    /// <summary>Cached data stay valid.</summary>
    KeepCache = 1 << 1,

    /// <summary>No seeking.</summary>
    NonSeekable = 1 << 2,

    /// <summary>The kernel may cache the names.</summary>
    CacheDirectory = 1 << 3,

    /// <summary>No position at all.</summary>
    Stream = 1 << 4,

    /// <summary>No FLUSH when a descriptor is closed.</summary>
    NoFlush = 1 << 5,

    /// <summary>Direct writes may be parallel.</summary>
    ParallelDirectWrites = 1 << 6,

    /// <summary>I/O goes to the backing file.</summary>
    Passthrough = 1 << 7,
}
