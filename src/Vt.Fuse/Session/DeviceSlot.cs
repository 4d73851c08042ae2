using System.Runtime.InteropServices;
using Vt.Fuse.Protocol;
using Vt.Posix;
using Vt.Posix.Mounts;

namespace Vt.Fuse.Session;

/// <summary>
/// A slot whose request is read from the device and whose reply is written to it. The data of WRITE and the body of a reply lie at
/// page boundaries, so that they can go to and from files opened with O_DIRECT.
/// </summary>
sealed unsafe class DeviceSlot : FuseSlot, IDisposable
{
    const int PageSize = 4096;

    /// <summary>Where a request starts, so that the data of a WRITE starts on a page.</summary>
    const int RequestOffset = PageSize - FuseProtocol.InHeaderSize - FuseProtocol.WriteInSize;

    /// <summary>Replies with names or attributes need this much however small writes are.</summary>
    const int MinimumReply = FuseProtocol.XattrLimit + PageSize;

    readonly DeviceSlotPool _pool;
    readonly byte* _requestPages;
    readonly byte* _replyPages;
    readonly NativeBuffer _requestBuffer;
    readonly NativeBuffer _replyBuffer;
    FileDescriptor? _device;

    public DeviceSlot(DeviceSlotPool pool, int maxWrite)
    {
        _pool = pool;
        ReplyCapacity = Math.Max(maxWrite, MinimumReply);
        Room = FuseProtocol.InHeaderSize + FuseProtocol.WriteInSize + Math.Max(maxWrite, 2 * PageSize);
        _requestPages = (byte*)NativeMemory.AlignedAlloc((nuint)(RequestOffset + Room), PageSize);
        _replyPages = (byte*)NativeMemory.AlignedAlloc((nuint)(PageSize + ReplyCapacity), PageSize);
        Header = (InHeader*)Message;
        Arguments = Message + FuseProtocol.InHeaderSize;
        Reply = _replyPages + PageSize;
        _requestBuffer = new NativeBuffer(Message, Room);
        _replyBuffer = new NativeBuffer(Reply, ReplyCapacity);
    }

    /// <inheritdoc/>
    public override ReadOnlyMemory<byte> PayloadMemory => _requestBuffer.Memory.Slice((int)(Payload - Message), PayloadLength);

    /// <inheritdoc/>
    public override Memory<byte> ReplyMemory => _replyBuffer.Memory;

    /// <summary>Where a request is read to.</summary>
    public byte* Message => _requestPages + RequestOffset;

    /// <summary>How much room there is for it.</summary>
    public int Room { get; }

    /// <summary>Takes note of a request that was read.</summary>
    /// <param name="device">Where from; the reply goes there.</param>
    /// <param name="length">Bytes that were read.</param>
    /// <param name="dispatcher">Knows how many of them are arguments.</param>
    /// <returns>Whether it is whole, as the kernel's always are.</returns>
    public bool Load(FileDescriptor device, int length, FuseDispatcher dispatcher)
    {
        _device = device;
        if (length < FuseProtocol.InHeaderSize || Header->Length != length)
            return false;
        var extension = Header->ExtensionUnits * 8;
        var arguments = Math.Max(dispatcher.ArgumentSize(Header->Opcode), 0);
        Payload = Arguments + arguments;
        PayloadLength = length - FuseProtocol.InHeaderSize - arguments - extension;
        return PayloadLength >= 0;
    }

    /// <inheritdoc/>
    public override Errno Send(Errno error, int length)
    {
        var header = (OutHeader*)(Reply - FuseProtocol.OutHeaderSize);
        *header = new OutHeader
        {
            Length = (uint)(FuseProtocol.OutHeaderSize + length),
            Error = -(int)error,
            Unique = Header->Unique,
        };
        return DeviceCalls.TryWrite(_device!, (byte*)header, FuseProtocol.OutHeaderSize + length);
    }

    /// <inheritdoc/>
    public override void Recycle() => _pool.Return(this);

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.AlignedFree(_requestPages);
        NativeMemory.AlignedFree(_replyPages);
    }
}
