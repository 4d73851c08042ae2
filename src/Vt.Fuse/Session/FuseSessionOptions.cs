using Vt.Fuse.Protocol;

namespace Vt.Fuse.Session;

/// <summary>How a session talks to the kernel.</summary>
public sealed record FuseSessionOptions
{
    /// <summary>
    /// What nearly every filesystem wants. A filesystem adds and takes away by <see cref="FuseFileSystem.Features"/>. A writable one
    /// takes on: to truncate at an OPEN with O_TRUNC, to apply the umask that comes with a creation, and to clear setuid and setgid
    /// where a request's flags say so.
    /// </summary>
    public const FuseInitFlags UsualFeatures =
        FuseInitFlags.AsyncRead | FuseInitFlags.AtomicTruncate | FuseInitFlags.BigWrites | FuseInitFlags.DontMask
        | FuseInitFlags.AsyncDirectIo | FuseInitFlags.ParallelDirectoryOperations | FuseInitFlags.MaxPages
        | FuseInitFlags.CacheSymlinks | FuseInitFlags.AbortError | FuseInitFlags.HandleKillprivV2
        | FuseInitFlags.SetxattrExtended | FuseInitFlags.Extended | FuseInitFlags.NoOpenSupport
        | FuseInitFlags.NoOpendirSupport | FuseInitFlags.ReaddirPlus | FuseInitFlags.ReaddirPlusAuto
        | FuseInitFlags.ExplicitInvalidateData | FuseInitFlags.DirectIoAllowMmap | FuseInitFlags.ExpireOnly;

    /// <summary>
    /// How many threads read requests, 1 to 64. Two serve handlers that only compute; each further idle one makes single requests slower,
    /// as the kernel wakes the thread that has slept longest.
    /// </summary>
    public int ReaderThreads { get; init; } = 2;

    /// <summary>
    /// How many threads there may be when handlers wait for a disk or a network without deferring, up to 64: they are added while no reader
    /// is free, and leave when they are no longer needed. Fewer than <see cref="ReaderThreads"/> adds none.
    /// </summary>
    public int MaxReaderThreads { get; init; } = 16;

    /// <summary>
    /// Whether each thread reads from a descriptor of its own (FUSE_DEV_IOC_CLONE): more requests per second for many callers at once,
    /// fewer for one. Quietly not done where the system refuses.
    /// </summary>
    public bool CloneDevice { get; init; }

    /// <summary>
    /// How long a thread looks for the next request before it sleeps, as being woken takes an idle processor far longer than most requests do; zero for not at all. One
    /// thread at a time looks, seldom where requests are rare, and lets whatever else wants its processor go first.
    /// </summary>
    public TimeSpan PollTime { get; init; } = Environment.ProcessorCount > 1 ? TimeSpan.FromMicroseconds(50) : TimeSpan.Zero;

    /// <summary>
    /// Whether a request is interrupted only where the caller is killed, as calls of local filesystems are, rather than by any signal that it gets.
    /// </summary>
    public bool OnlyKillsInterrupt { get; init; }

    /// <summary>
    /// Whether requests travel by io_uring: more of them per second for several callers at once. One thread and ring for each processor, 4 to 16
    /// requests each, with memory of <see cref="MaxWrite"/> for each that takes room as far as it was used.
    /// </summary>
    public IoUringUse IoUring { get; init; } = IoUringUse.Automatic;

    /// <summary>Most bytes of one read or write: 4 KiB to 4 MiB, whole pages; kernels cap it at 1 MiB by default.</summary>
    public int MaxWrite { get; init; } = 1 << 20;

    /// <summary>
    /// Most bytes to read ahead; kernels cap it at the mount's read_ahead_kb (see <see cref="Mounting.FuseMount.TrySetReadAhead"/>).
    /// </summary>
    public int MaxReadahead { get; init; } = 1 << 20;

    /// <summary>
    /// How many background requests (read ahead, write back) may be out at once; each takes up to <see cref="MaxWrite"/> of memory.
    /// </summary>
    public int MaxBackground { get; init; } = 12;

    /// <summary>
    /// How many deferred requests may be out at once, each with buffers of <see cref="MaxWrite"/> that it uses as far as needed.
    /// </summary>
    public int MaxDeferred { get; init; } = 64;

    /// <summary>Nanoseconds; a power of ten up to 10^9.</summary>
    public uint TimeGranularity { get; init; } = 1;

    /// <summary>How long the kernel may take to open the conversation after the mount.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(30);
}
