using Vt.Posix;

namespace Vt.Mounts;

/// <summary>Says what it means when a live mount, or what was taken for one, refuses a control attribute.</summary>
static class LiveMountText
{
    public static string Explain(Errno error) => error switch
    {
        Errno.ENOENT => "there is no such file or folder",
        Errno.EOPNOTSUPP or Errno.ENODATA => "that is not in a live mount of vt",
        Errno.EINVAL => "that is no file, or it ends before the range",
        Errno.EISDIR => "that is a folder",
        Errno.EPERM => "that is mounted so that nothing in it can be changed",
        Errno.EBUSY => "somebody goes on writing to it",
        Errno.ETXTBSY => "the kernel reads its flat copy by itself, for somebody who has it open (-o passthrough)",
        Errno.E2BIG => "those are too many parts for one command",
        Errno.EFBIG => "it would be longer than a file can be",
        Errno.EROFS => "that is mounted for reading only",
        Errno.ENOTCONN => "the server of that mount has died; unmount it and mount it again: what was acknowledged is kept",
        Errno.ENOSPC => "there is no room left to store what has changed; it is kept in the state folder and will be stored once there is room",
        _ => new PosixException(error, "setxattr").Message,
    };
}
