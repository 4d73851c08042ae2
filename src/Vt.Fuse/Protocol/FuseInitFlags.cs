namespace Vt.Fuse.Protocol;

/// <summary>What kernel and filesystem agree on at the start (FUSE_ flags of INIT; the high half is flags2).</summary>
[Flags]
public enum FuseInitFlags : ulong
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Several reads of one file may be out at once.</summary>
    AsyncRead = 1UL << 0,

    /// <summary>fcntl locks come to the filesystem instead of being local.</summary>
    PosixLocks = 1UL << 1,

    /// <summary>O_TRUNC comes with OPEN.</summary>
    AtomicTruncate = 1UL << 3,

    /// <summary>LOOKUP of "." and ".." works, for NFS.</summary>
    ExportSupport = 1UL << 4,

    /// <summary>Writes of more than a page.</summary>
    BigWrites = 1UL << 5,

    /// <summary>The filesystem applies the umask.</summary>
    DontMask = 1UL << 6,

    /// <summary>Splice to the device.</summary>
    SpliceWrite = 1UL << 7,

    /// <summary>Splice may move pages.</summary>
    SpliceMove = 1UL << 8,

    /// <summary>Splice from the device.</summary>
    SpliceRead = 1UL << 9,

    /// <summary>flock locks come to the filesystem instead of being local.</summary>
    FlockLocks = 1UL << 10,

    /// <summary>ioctl on folders.</summary>
    IoctlDirectory = 1UL << 11,

    /// <summary>Cached data go when size or time changed.</summary>
    AutoInvalidateData = 1UL << 12,

    /// <summary>READDIRPLUS is used.</summary>
    ReaddirPlus = 1UL << 13,

    /// <summary>READDIRPLUS only where it looks useful.</summary>
    ReaddirPlusAuto = 1UL << 14,

    /// <summary>Direct I/O may be split and parallel.</summary>
    AsyncDirectIo = 1UL << 15,

    /// <summary>The kernel caches writes.</summary>
    WritebackCache = 1UL << 16,

    /// <summary>ENOSYS to OPEN means that opens are not needed.</summary>
    NoOpenSupport = 1UL << 17,

    /// <summary>LOOKUP and READDIR of one folder may be parallel.</summary>
    ParallelDirectoryOperations = 1UL << 18,

    /// <summary>The filesystem clears setuid, setgid and capabilities.</summary>
    HandleKillpriv = 1UL << 19,

    /// <summary>The kernel enforces POSIX ACLs.</summary>
    PosixAcl = 1UL << 20,

    /// <summary>Reading the device after an abort gives ECONNABORTED.</summary>
    AbortError = 1UL << 21,

    /// <summary>The reply's page count counts.</summary>
    MaxPages = 1UL << 22,

    /// <summary>Link targets are cached.</summary>
    CacheSymlinks = 1UL << 23,

    /// <summary>ENOSYS to OPENDIR means that opens of folders are not needed.</summary>
    NoOpendirSupport = 1UL << 24,

    /// <summary>Cached data go only when the filesystem says so.</summary>
    ExplicitInvalidateData = 1UL << 25,

    /// <summary>DAX.</summary>
    MapAlignment = 1UL << 26,

    /// <summary>Automatic submounts.</summary>
    Submounts = 1UL << 27,

    /// <summary>The filesystem clears setuid and setgid when told by flags.</summary>
    HandleKillprivV2 = 1UL << 28,

    /// <summary>SETXATTR has its longer header.</summary>
    SetxattrExtended = 1UL << 29,

    /// <summary>The high half of the flags counts.</summary>
    Extended = 1UL << 30,

    /// <summary>Creations carry a security context.</summary>
    SecurityContext = 1UL << 32,

    /// <summary>DAX per inode.</summary>
    InodeDax = 1UL << 33,

    /// <summary>Creations carry a group.</summary>
    CreateSupplementaryGroup = 1UL << 34,

    /// <summary>Entries may be expired by notification.</summary>
    ExpireOnly = 1UL << 35,

    /// <summary>Shared mappings of direct I/O opens.</summary>
    DirectIoAllowMmap = 1UL << 36,

    /// <summary>Opens may be backed by files of the server.</summary>
    Passthrough = 1UL << 37,

    /// <summary>No file handles.</summary>
    NoExportSupport = 1UL << 38,

    /// <summary>The kernel can send requests again.</summary>
    HasResend = 1UL << 39,

    /// <summary>Id-mapped mounts.</summary>
    AllowIdmap = 1UL << 40,

    /// <summary>Requests travel by io_uring.</summary>
    OverIoUring = 1UL << 41,

    /// <summary>Requests may time out.</summary>
    RequestTimeout = 1UL << 42,
}
