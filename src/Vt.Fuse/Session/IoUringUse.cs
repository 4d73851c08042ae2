namespace Vt.Fuse.Session;

/// <summary>Whether requests travel by io_uring (Linux 6.14 and newer) rather than by reading and writing the device.</summary>
public enum IoUringUse
{
    /// <summary>Where the kernel offers it; else quietly not.</summary>
    Automatic,

    /// <summary>Or there is no mount.</summary>
    On,

    /// <summary>Never.</summary>
    Off,
}
