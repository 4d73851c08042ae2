using Vt.Fuse.Protocol;
using Vt.Posix;

namespace Vt.Fuse.Session;

/// <content>Operations on attributes.</content>
public abstract partial class FuseFileSystem
{
    /// <summary>Asks for attributes.</summary>
    public virtual Errno Getattr(in FuseRequest request, in GetattrIn arguments, ref AttrOut attributes) => Errno.ENOSYS;

    /// <summary>Changes attributes and answers what they are then.</summary>
    public virtual Errno Setattr(in FuseRequest request, in SetattrIn arguments, ref AttrOut attributes) => Errno.ENOSYS;

    /// <summary>Asks for attributes with birth time; ENOSYS makes the kernel use GETATTR.</summary>
    public virtual Errno Statx(in FuseRequest request, in StatxIn arguments, ref StatxOut attributes) => Errno.ENOSYS;

    /// <summary>Asks whether access is allowed (access(2)); ENOSYS means yes. Not asked with default_permissions.</summary>
    public virtual Errno Access(in FuseRequest request, uint mask) => Errno.ENOSYS;

    /// <summary>Sets an extended attribute.</summary>
    /// <param name="request">The request.</param>
    /// <param name="name">The name with its namespace.</param>
    /// <param name="value">The value.</param>
    /// <param name="flags">XATTR_CREATE (1) or XATTR_REPLACE (2).</param>
    /// <param name="killSetgid">Whether setgid is to be cleared.</param>
    public virtual Errno Setxattr(
        in FuseRequest request, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, uint flags, bool killSetgid) => Errno.ENOSYS;

    /// <summary>Reads an extended attribute; ENODATA where there is none.</summary>
    /// <param name="request">The request.</param>
    /// <param name="name">The name with its namespace.</param>
    /// <param name="value">Receives the value; nothing is written if it doesn't fit, as when only the size is asked.</param>
    /// <param name="length">How many bytes the value has, whether or not it fitted.</param>
    public virtual Errno Getxattr(in FuseRequest request, ReadOnlySpan<byte> name, Span<byte> value, out int length)
    {
        length = 0;
        return Errno.ENOSYS;
    }

    /// <summary>Lists extended attributes.</summary>
    /// <param name="request">The request.</param>
    /// <param name="names">Receives the names, each with a NUL behind it; nothing is written if they don't fit.</param>
    /// <param name="length">How many bytes they have, whether or not they fitted.</param>
    public virtual Errno Listxattr(in FuseRequest request, Span<byte> names, out int length)
    {
        length = 0;
        return Errno.ENOSYS;
    }

    /// <summary>Removes an extended attribute.</summary>
    public virtual Errno Removexattr(in FuseRequest request, ReadOnlySpan<byte> name) => Errno.ENOSYS;
}
