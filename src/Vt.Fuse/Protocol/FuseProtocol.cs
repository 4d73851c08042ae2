namespace Vt.Fuse.Protocol;

/// <summary>Numbers of the wire that belong to no one structure.</summary>
public static class FuseProtocol
{
    /// <summary>The major version; kernels have spoken this one since 2.6.14.</summary>
    public const uint Major = 7;

    /// <summary>The newest minor version that we speak (Linux 6.18).</summary>
    public const uint Minor = 45;

    /// <summary>The oldest minor version that we speak (Linux 5.4).</summary>
    public const uint OldestMinor = 31;

    /// <summary>The longest name that the kernel accepts, in bytes (FUSE_NAME_MAX of older kernels; ours too).</summary>
    public const int NameLimit = 1024;

    /// <summary>The longest extended attribute and list of them, in bytes (XATTR_SIZE_MAX).</summary>
    public const int XattrLimit = 65536;

    /// <summary>Bytes of a request before its arguments.</summary>
    internal const int InHeaderSize = 40;

    /// <summary>Bytes of a reply before its body.</summary>
    internal const int OutHeaderSize = 16;

    /// <summary>The longest arguments that stand before data: those of WRITE.</summary>
    internal const int WriteInSize = 40;

    /// <summary>
    /// How many bytes of arguments stand between a request's header and its names or data; -1 of an operation that we do not know.
    /// </summary>
    /// <param name="opcode">The operation.</param>
    /// <param name="extendedSetxattr">Whether the longer header of SETXATTR was agreed.</param>
    internal static int ArgumentSize(FuseOpcode opcode, bool extendedSetxattr) => opcode switch
    {
        FuseOpcode.Lookup or FuseOpcode.Readlink or FuseOpcode.Symlink or FuseOpcode.Unlink or FuseOpcode.Rmdir => 0,
        FuseOpcode.Statfs or FuseOpcode.Removexattr or FuseOpcode.Destroy => 0,
        FuseOpcode.Forget or FuseOpcode.Mkdir or FuseOpcode.Rename or FuseOpcode.Link or FuseOpcode.Open or FuseOpcode.Opendir => 8,
        FuseOpcode.Getxattr or FuseOpcode.Listxattr or FuseOpcode.Access or FuseOpcode.Interrupt => 8,
        FuseOpcode.BatchForget or FuseOpcode.Syncfs => 8,
        FuseOpcode.Setxattr => extendedSetxattr ? 16 : 8,
        FuseOpcode.Getattr or FuseOpcode.Mknod or FuseOpcode.Create or FuseOpcode.Tmpfile or FuseOpcode.Fsync => 16,
        FuseOpcode.Fsyncdir or FuseOpcode.Bmap or FuseOpcode.Rename2 => 16,
        FuseOpcode.Init => 16,
        FuseOpcode.Release or FuseOpcode.Releasedir or FuseOpcode.Flush or FuseOpcode.Poll or FuseOpcode.Lseek or FuseOpcode.Statx => 24,
        FuseOpcode.Ioctl or FuseOpcode.Fallocate => 32,
        FuseOpcode.Read or FuseOpcode.Readdir or FuseOpcode.Readdirplus or FuseOpcode.Write or FuseOpcode.NotifyReply => 40,
        FuseOpcode.Getlk or FuseOpcode.Setlk or FuseOpcode.Setlkw => 48,
        FuseOpcode.CopyFileRange or FuseOpcode.CopyFileRange64 => 56,
        FuseOpcode.Setattr => 88,
        _ => -1,
    };

    /// <summary>Whether the kernel waits for no answer.</summary>
    internal static bool IsUnanswered(FuseOpcode opcode) =>
        opcode is FuseOpcode.Forget or FuseOpcode.BatchForget or FuseOpcode.NotifyReply;

    /// <summary>How many bytes a successful reply's body has; -1 where that varies or there is none.</summary>
    internal static unsafe int ReplySize(FuseOpcode opcode) => opcode switch
    {
        FuseOpcode.Lookup or FuseOpcode.Symlink or FuseOpcode.Mknod or FuseOpcode.Mkdir or FuseOpcode.Link => sizeof(EntryOut),
        FuseOpcode.Getattr or FuseOpcode.Setattr => sizeof(AttrOut),
        FuseOpcode.Open or FuseOpcode.Opendir => sizeof(OpenOut),
        FuseOpcode.Create or FuseOpcode.Tmpfile => sizeof(EntryOut) + sizeof(OpenOut),
        FuseOpcode.Write or FuseOpcode.CopyFileRange => sizeof(WriteOut),
        FuseOpcode.CopyFileRange64 => sizeof(CopyFileRangeOut),
        FuseOpcode.Statfs => sizeof(StatfsOut),
        FuseOpcode.Init => sizeof(InitOut),
        FuseOpcode.Getlk => sizeof(LockOut),
        FuseOpcode.Bmap => sizeof(BmapOut),
        FuseOpcode.Poll => sizeof(PollOut),
        FuseOpcode.Lseek => sizeof(LseekOut),
        FuseOpcode.Statx => sizeof(StatxOut),
        FuseOpcode.Read or FuseOpcode.Readdir or FuseOpcode.Readdirplus or FuseOpcode.Readlink or FuseOpcode.Ioctl => -1,
        FuseOpcode.Getxattr or FuseOpcode.Listxattr or FuseOpcode.Forget or FuseOpcode.BatchForget => -1,
        FuseOpcode.Interrupt or FuseOpcode.NotifyReply => -1,
        _ => 0,
    };
}
