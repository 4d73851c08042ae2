namespace Vt.Fuse.Protocol;

/// <summary>What a request asks (enum fuse_opcode). A number that is not here is answered with ENOSYS.</summary>
public enum FuseOpcode : uint
{
    /// <summary>Not an operation.</summary>
    None = 0,

    /// <summary>Finds a name in a folder.</summary>
    Lookup = 1,

    /// <summary>Gives back lookups of a node; never answered.</summary>
    Forget = 2,

    /// <summary>Asks for attributes.</summary>
    Getattr = 3,

    /// <summary>Changes attributes.</summary>
    Setattr = 4,

    /// <summary>Reads a symbolic link.</summary>
    Readlink = 5,

    /// <summary>Makes a symbolic link.</summary>
    Symlink = 6,

    /// <summary>Makes a file, device, fifo or socket.</summary>
    Mknod = 8,

    /// <summary>Makes a folder.</summary>
    Mkdir = 9,

    /// <summary>Removes a name.</summary>
    Unlink = 10,

    /// <summary>Removes a folder.</summary>
    Rmdir = 11,

    /// <summary>Moves a name.</summary>
    Rename = 12,

    /// <summary>Adds a name to a node.</summary>
    Link = 13,

    /// <summary>Opens a file.</summary>
    Open = 14,

    /// <summary>Reads a file.</summary>
    Read = 15,

    /// <summary>Writes a file.</summary>
    Write = 16,

    /// <summary>Asks for the filesystem's numbers.</summary>
    Statfs = 17,

    /// <summary>Ends an open.</summary>
    Release = 18,

    /// <summary>Makes a file durable.</summary>
    Fsync = 20,

    /// <summary>Sets an extended attribute.</summary>
    Setxattr = 21,

    /// <summary>Reads an extended attribute.</summary>
    Getxattr = 22,

    /// <summary>Lists extended attributes.</summary>
    Listxattr = 23,

    /// <summary>Removes an extended attribute.</summary>
    Removexattr = 24,

    /// <summary>A descriptor is closed.</summary>
    Flush = 25,

    /// <summary>Agrees on the protocol.</summary>
    Init = 26,

    /// <summary>Opens a folder.</summary>
    Opendir = 27,

    /// <summary>Reads names.</summary>
    Readdir = 28,

    /// <summary>Ends an open of a folder.</summary>
    Releasedir = 29,

    /// <summary>Makes a folder durable.</summary>
    Fsyncdir = 30,

    /// <summary>Asks for a lock in the way.</summary>
    Getlk = 31,

    /// <summary>Takes or drops a lock.</summary>
    Setlk = 32,

    /// <summary>Takes a lock, waiting for it.</summary>
    Setlkw = 33,

    /// <summary>Asks whether access is allowed.</summary>
    Access = 34,

    /// <summary>Makes and opens a file.</summary>
    Create = 35,

    /// <summary>A request is to end early.</summary>
    Interrupt = 36,

    /// <summary>Asks for a block's place.</summary>
    Bmap = 37,

    /// <summary>The filesystem goes away.</summary>
    Destroy = 38,

    /// <summary>A control call.</summary>
    Ioctl = 39,

    /// <summary>Asks for readiness.</summary>
    Poll = 40,

    /// <summary>Answers a retrieve notification.</summary>
    NotifyReply = 41,

    /// <summary>Gives back lookups of many nodes; never answered.</summary>
    BatchForget = 42,

    /// <summary>Reserves or punches.</summary>
    Fallocate = 43,

    /// <summary>Reads names with attributes.</summary>
    Readdirplus = 44,

    /// <summary>Moves a name with flags.</summary>
    Rename2 = 45,

    /// <summary>Looks for data or a hole.</summary>
    Lseek = 46,

    /// <summary>Copies between files; 32-bit answer.</summary>
    CopyFileRange = 47,

    /// <summary>DAX of virtiofs.</summary>
    SetupMapping = 48,

    /// <summary>DAX of virtiofs.</summary>
    RemoveMapping = 49,

    /// <summary>Makes all durable.</summary>
    Syncfs = 50,

    /// <summary>Makes and opens a file without a name.</summary>
    Tmpfile = 51,

    /// <summary>Asks for extended attributes.</summary>
    Statx = 52,

    /// <summary>Copies between files; 64-bit answer.</summary>
    CopyFileRange64 = 53,
}
