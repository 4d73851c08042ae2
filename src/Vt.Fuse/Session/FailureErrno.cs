using Vt.Posix;

namespace Vt.Fuse.Session;

/// <summary>The one table of what an exception means to a caller of the mount.</summary>
static class FailureErrno
{
    public static Errno Of(Exception exception) => exception switch
    {
        PosixException posix => posix.Error,
        OperationCanceledException => Errno.EINTR,
        OutOfMemoryException => Errno.ENOMEM,
        NotSupportedException => Errno.EOPNOTSUPP,
        UnauthorizedAccessException => Errno.EACCES,
        TimeoutException => Errno.ETIMEDOUT,
        _ => Errno.EIO,
    };
}
