using System.Runtime.InteropServices;
using Vt.Fuse.Protocol;
using Vt.Fuse.Session;
using Vt.Posix;

namespace Vt.Tests.Fuse.Session;

/// <summary>A slot that allocates nothing and forgets its replies.</summary>
sealed unsafe class SilentSlot : FuseSlot, IDisposable
{
    const int Room = 64 * 1024;

    readonly byte* _memory = (byte*)NativeMemory.AllocZeroed(2 * Room);

    public SilentSlot()
    {
        Header = (InHeader*)_memory;
        Arguments = _memory + FuseProtocol.InHeaderSize;
        Reply = _memory + Room;
        ReplyCapacity = Room;
    }

    public override ReadOnlyMemory<byte> PayloadMemory => default;

    public override Memory<byte> ReplyMemory => default;

    public void Load(ReadOnlySpan<byte> request, FuseDispatcher dispatcher)
    {
        request.CopyTo(new Span<byte>(_memory, Room));
        var arguments = dispatcher.ArgumentSize(Header->Opcode);
        Payload = Arguments + arguments;
        PayloadLength = request.Length - FuseProtocol.InHeaderSize - arguments;
    }

    public override Errno Send(Errno error, int length) => Errno.OK;

    public override void Recycle()
    {
    }

    public void Dispose() => NativeMemory.Free(_memory);
}
