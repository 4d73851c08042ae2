using Vt.Fuse.Protocol;
using Vt.Posix;

namespace Vt.Fuse.Session;

/// <content>Operations on open files.</content>
public abstract partial class FuseFileSystem
{
    /// <summary>Opens a file; ENOSYS means that files need no opening.</summary>
    public virtual Errno Open(in FuseRequest request, in OpenIn arguments, ref OpenOut open) => Errno.ENOSYS;

    /// <summary>Reads.</summary>
    /// <param name="request">The request.</param>
    /// <param name="arguments">From where.</param>
    /// <param name="buffer">Receives the bytes; as long as the caller asks for.</param>
    /// <param name="length">How many came; fewer than asked for means the end of the file, unless the open is for direct I/O.</param>
    public virtual Errno Read(in FuseRequest request, in ReadIn arguments, Span<byte> buffer, out int length)
    {
        length = 0;
        return Errno.ENOSYS;
    }

    /// <summary>Writes.</summary>
    /// <param name="request">The request.</param>
    /// <param name="arguments">Where to.</param>
    /// <param name="data">The bytes.</param>
    /// <param name="written">How many were taken.</param>
    public virtual Errno Write(in FuseRequest request, in WriteIn arguments, ReadOnlySpan<byte> data, out uint written)
    {
        written = 0;
        return Errno.ENOSYS;
    }

    /// <summary>A descriptor of the open is closed, its errors are the close's; ENOSYS means never to ask again.</summary>
    public virtual Errno Flush(in FuseRequest request, in FlushIn arguments) => Errno.ENOSYS;

    /// <summary>Ends an open; the answer is of no consequence.</summary>
    public virtual Errno Release(in FuseRequest request, in ReleaseIn arguments) => Errno.OK;

    /// <summary>Makes a file durable; ENOSYS counts as done.</summary>
    public virtual Errno Fsync(in FuseRequest request, in FsyncIn arguments) => Errno.ENOSYS;

    /// <summary>Asks which lock is in the way, F_UNLCK if none.</summary>
    public virtual Errno Getlk(in FuseRequest request, in LockIn arguments, ref LockOut conflict) => Errno.ENOSYS;

    /// <summary>Takes or drops a POSIX lock. One that has to wait must be deferred, else its reader and interrupts wait too.</summary>
    /// <param name="request">The request.</param>
    /// <param name="arguments">The lock.</param>
    /// <param name="wait">Whether to wait (F_SETLKW), else EAGAIN.</param>
    public virtual Errno Setlk(in FuseRequest request, in LockIn arguments, bool wait) => Errno.ENOSYS;

    /// <summary>Takes or drops a flock(2) lock.</summary>
    /// <inheritdoc cref="Setlk"/>
    public virtual Errno Flock(in FuseRequest request, in LockIn arguments, bool wait) => Errno.ENOSYS;

    /// <summary>Asks where a block lies on the device of a fuseblk mount.</summary>
    public virtual Errno Bmap(in FuseRequest request, in BmapIn arguments, out ulong block)
    {
        block = 0;
        return Errno.ENOSYS;
    }

    /// <summary>A control call.</summary>
    /// <param name="request">The request.</param>
    /// <param name="arguments">The command.</param>
    /// <param name="input">What the caller passes.</param>
    /// <param name="output">Receives what it gets back.</param>
    /// <param name="result">What ioctl(2) returns.</param>
    /// <param name="length">How many bytes of <paramref name="output"/> were written.</param>
    public virtual Errno Ioctl(
        in FuseRequest request, in IoctlIn arguments, ReadOnlySpan<byte> input, Span<byte> output, ref IoctlOut result, out int length)
    {
        length = 0;
        return Errno.ENOSYS;
    }

    /// <summary>Asks for readiness; ENOSYS means always ready.</summary>
    public virtual Errno Poll(in FuseRequest request, in PollIn arguments, ref PollOut readiness) => Errno.ENOSYS;

    /// <summary>Reserves space or punches a hole; ENOSYS makes EOPNOTSUPP.</summary>
    public virtual Errno Fallocate(in FuseRequest request, in FallocateIn arguments) => Errno.ENOSYS;

    /// <summary>Looks for data or a hole; ENOSYS makes the kernel take all for data.</summary>
    public virtual Errno Lseek(in FuseRequest request, in LseekIn arguments, out ulong offset)
    {
        offset = 0;
        return Errno.ENOSYS;
    }

    /// <summary>Copies between two open files; ENOSYS makes the kernel read and write.</summary>
    /// <param name="request">The request, with the node that is read.</param>
    /// <param name="arguments">From where to where.</param>
    /// <param name="copied">How many bytes; of the older operation at most 2^32-1.</param>
    public virtual Errno CopyFileRange(in FuseRequest request, in CopyFileRangeIn arguments, out ulong copied)
    {
        copied = 0;
        return Errno.ENOSYS;
    }
}
