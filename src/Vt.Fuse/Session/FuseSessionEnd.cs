using Vt.Posix;

namespace Vt.Fuse.Session;

/// <summary>Why a session ended.</summary>
/// <param name="Error">ENODEV: unmounted. ECONNABORTED: aborted. Anything else: reading the device failed so.</param>
public readonly record struct FuseSessionEnd(Errno Error)
{
    /// <summary>Whether it ended as it should: by an unmount.</summary>
    public bool IsUnmount => Error == Errno.ENODEV;
}
