namespace Vt.Posix;

/// <summary>Why a file could not be had, in the system's words.</summary>
public static class FileFault
{
    /// <summary>What to say of an exception of <see cref="File"/> and its like, whose own texts repeat the path and end in a full stop.</summary>
    public static string TextOf(Exception fault) => fault switch
    {
        FileNotFoundException or DirectoryNotFoundException => PosixException.TextOf(Errno.ENOENT),
        UnauthorizedAccessException => fault.InnerException?.Message.TrimEnd('.') ?? PosixException.TextOf(Errno.EACCES),
        _ => fault.Message.TrimEnd('.'),
    };
}
