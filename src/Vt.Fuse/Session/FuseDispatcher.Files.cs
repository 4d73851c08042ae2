using Vt.Fuse.Protocol;
using Vt.Posix;

namespace Vt.Fuse.Session;

/// <content>Operations on open files.</content>
sealed unsafe partial class FuseDispatcher
{
    /// <summary>Of a lock's flags: flock(2) rather than POSIX (FUSE_LK_FLOCK).</summary>
    const uint LockIsFlock = 1;

    int Read(in FuseRequest request, FuseSlot slot)
    {
        ref readonly var arguments = ref In<ReadIn>(slot);
        if (arguments.Size > slot.ReplyCapacity)
            return Malformed; // a short answer would pass for the end of the file
        var size = (int)arguments.Size;
        var error = _fileSystem.Read(request, arguments, new Span<byte>(slot.Reply, size), out var length);
        return length >= 0 && length <= size ? Result(error, length) : Malformed;
    }

    int Write(in FuseRequest request, FuseSlot slot)
    {
        ref readonly var arguments = ref In<WriteIn>(slot);
        if (arguments.Size > slot.PayloadLength)
            return Malformed;
        var size = arguments.Size;
        var error = _fileSystem.Write(request, arguments, new ReadOnlySpan<byte>(slot.Payload, (int)size), out var written);
        if (error != Errno.OK || request.IsDeferred)
            return Result(error);
        if (written > size)
            return Malformed;
        Out<WriteOut>(slot).Size = written;
        return sizeof(WriteOut);
    }

    int Getlk(in FuseRequest request, FuseSlot slot) =>
        Result(_fileSystem.Getlk(request, In<LockIn>(slot), ref Out<LockOut>(slot)), sizeof(LockOut));

    int Setlk(in FuseRequest request, FuseSlot slot, bool wait)
    {
        ref readonly var arguments = ref In<LockIn>(slot);
        return (arguments.LockFlags & LockIsFlock) != 0
            ? Result(_fileSystem.Flock(request, arguments, wait))
            : Result(_fileSystem.Setlk(request, arguments, wait));
    }

    int Bmap(in FuseRequest request, FuseSlot slot)
    {
        var error = _fileSystem.Bmap(request, In<BmapIn>(slot), out var block);
        if (error != Errno.OK || request.IsDeferred)
            return Result(error);
        Out<BmapOut>(slot).Block = block;
        return sizeof(BmapOut);
    }

    int Ioctl(in FuseRequest request, FuseSlot slot)
    {
        ref readonly var arguments = ref In<IoctlIn>(slot);
        if (arguments.InSize > slot.PayloadLength)
            return Malformed;
        var input = new ReadOnlySpan<byte>(slot.Payload, (int)arguments.InSize);
        var room = Clamp(arguments.OutSize, slot, sizeof(IoctlOut));
        ref var result = ref Out<IoctlOut>(slot);
        var output = new Span<byte>(slot.Reply + sizeof(IoctlOut), room);
        var error = _fileSystem.Ioctl(request, arguments, input, output, ref result, out var length);
        return length >= 0 && length <= room ? Result(error, sizeof(IoctlOut) + length) : Malformed;
    }

    int Lseek(in FuseRequest request, FuseSlot slot)
    {
        var error = _fileSystem.Lseek(request, In<LseekIn>(slot), out var offset);
        if (error != Errno.OK || request.IsDeferred)
            return Result(error);
        Out<LseekOut>(slot).Offset = offset;
        return sizeof(LseekOut);
    }

    int CopyFileRange(in FuseRequest request, FuseSlot slot)
    {
        var error = _fileSystem.CopyFileRange(request, In<CopyFileRangeIn>(slot), out var copied);
        if (error != Errno.OK || request.IsDeferred)
            return Result(error);
        Out<WriteOut>(slot).Size = (uint)Math.Min(copied, uint.MaxValue);
        return sizeof(WriteOut);
    }

    int CopyFileRange64(in FuseRequest request, FuseSlot slot)
    {
        var error = _fileSystem.CopyFileRange(request, In<CopyFileRangeIn>(slot), out var copied);
        if (error != Errno.OK || request.IsDeferred)
            return Result(error);
        Out<CopyFileRangeOut>(slot).Copied = copied;
        return sizeof(CopyFileRangeOut);
    }
}
