using Vt.Fuse.Protocol;
using Vt.Posix;

namespace Vt.Fuse.Session;

/// <content>Operations on names and folders.</content>
public abstract partial class FuseFileSystem
{
    /// <summary>Finds a name in the folder of the request; OK with no node lets the kernel remember that it is absent.</summary>
    public virtual Errno Lookup(in FuseRequest request, ReadOnlySpan<byte> name, ref EntryOut entry) => Errno.ENOENT;

    /// <summary>Reads a symbolic link.</summary>
    /// <param name="request">The request.</param>
    /// <param name="target">Receives the target.</param>
    /// <param name="length">How many bytes it has.</param>
    public virtual Errno Readlink(in FuseRequest request, Span<byte> target, out int length)
    {
        length = 0;
        return Errno.ENOSYS;
    }

    /// <summary>Makes a symbolic link.</summary>
    public virtual Errno Symlink(in FuseRequest request, ReadOnlySpan<byte> name, ReadOnlySpan<byte> target, ref EntryOut entry) =>
        Errno.ENOSYS;

    /// <summary>Makes a file, device, fifo or socket.</summary>
    public virtual Errno Mknod(in FuseRequest request, in MknodIn arguments, ReadOnlySpan<byte> name, ref EntryOut entry) =>
        Errno.ENOSYS;

    /// <summary>Makes a folder.</summary>
    public virtual Errno Mkdir(in FuseRequest request, in MkdirIn arguments, ReadOnlySpan<byte> name, ref EntryOut entry) =>
        Errno.ENOSYS;

    /// <summary>Removes a name of what isn't a folder.</summary>
    public virtual Errno Unlink(in FuseRequest request, ReadOnlySpan<byte> name) => Errno.ENOSYS;

    /// <summary>Removes an empty folder.</summary>
    public virtual Errno Rmdir(in FuseRequest request, ReadOnlySpan<byte> name) => Errno.ENOSYS;

    /// <summary>Moves a name (RENAME and RENAME2).</summary>
    /// <param name="request">The request, with the old folder.</param>
    /// <param name="name">The old name.</param>
    /// <param name="newParent">The new folder.</param>
    /// <param name="newName">The new name.</param>
    /// <param name="flags">As renameat2(2); ENOSYS to any of them makes EINVAL for the caller.</param>
    public virtual Errno Rename(
        in FuseRequest request, ReadOnlySpan<byte> name, NodeId newParent, ReadOnlySpan<byte> newName, RenameFlags flags) => Errno.ENOSYS;

    /// <summary>Adds a name to a node.</summary>
    /// <param name="request">The request, with the folder of the new name.</param>
    /// <param name="node">The node.</param>
    /// <param name="newName">The new name.</param>
    /// <param name="entry">The node again, counted as a lookup.</param>
    public virtual Errno Link(in FuseRequest request, NodeId node, ReadOnlySpan<byte> newName, ref EntryOut entry) => Errno.ENOSYS;

    /// <summary>Makes and opens a file; ENOSYS makes the kernel use MKNOD and OPEN from then on.</summary>
    public virtual Errno Create(
        in FuseRequest request, in CreateIn arguments, ReadOnlySpan<byte> name, ref EntryOut entry, ref OpenOut open) => Errno.ENOSYS;

    /// <summary>Makes and opens a file without a name (O_TMPFILE).</summary>
    public virtual Errno Tmpfile(in FuseRequest request, in CreateIn arguments, ref EntryOut entry, ref OpenOut open) => Errno.ENOSYS;

    /// <summary>Opens a folder; ENOSYS means that folders need no opening.</summary>
    public virtual Errno Opendir(in FuseRequest request, in OpenIn arguments, ref OpenOut open) => Errno.ENOSYS;

    /// <summary>
    /// Reads names from position <see cref="ReadIn.Offset"/> on (READDIR and READDIRPLUS); nothing added means the end.
    /// </summary>
    public virtual Errno Readdir(in FuseRequest request, in ReadIn arguments, ref DirectoryFiller filler) => Errno.ENOSYS;

    /// <summary>Ends an open of a folder.</summary>
    public virtual Errno Releasedir(in FuseRequest request, in ReleaseIn arguments) => Errno.OK;

    /// <summary>Makes a folder durable; ENOSYS counts as done.</summary>
    public virtual Errno Fsyncdir(in FuseRequest request, in FsyncIn arguments) => Errno.ENOSYS;
}
