using System.Runtime.InteropServices;
using Vt.Fuse.Protocol;
using Vt.Fuse.Session;
using Vt.Posix;

namespace Vt.Tests.Fuse.Session;

/// <summary>A slot that takes requests from, and leaves replies in, managed arrays; guard bytes behind the reply must survive.</summary>
sealed unsafe class MemorySlot : FuseSlot, IDisposable
{
    const int Guard = 64;
    const byte GuardByte = 0xA5;

    readonly MemoryTransport _transport;
    readonly byte* _request;
    readonly byte* _reply;
    readonly int _room;

    public MemorySlot(MemoryTransport transport, int room)
    {
        _transport = transport;
        _room = room;
        _request = (byte*)NativeMemory.AllocZeroed((nuint)room);
        _reply = (byte*)NativeMemory.AllocZeroed((nuint)(room + Guard));
        new Span<byte>(_reply + room, Guard).Fill(GuardByte);
        Header = (InHeader*)_request;
        Arguments = _request + FuseProtocol.InHeaderSize;
        Reply = _reply;
        ReplyCapacity = room;
    }

    public override ReadOnlyMemory<byte> PayloadMemory => new NativeBuffer(Payload, PayloadLength).Memory;

    public override Memory<byte> ReplyMemory => new NativeBuffer(_reply, _room).Memory;

    public bool Load(ReadOnlySpan<byte> request, FuseDispatcher dispatcher)
    {
        new Span<byte>(_request, _room).Clear();
        request.CopyTo(new Span<byte>(_request, _room));
        var arguments = Math.Max(dispatcher.ArgumentSize(Header->Opcode), 0);
        Payload = Arguments + arguments;
        PayloadLength = request.Length - FuseProtocol.InHeaderSize - arguments - Header->ExtensionUnits * 8;
        return PayloadLength >= 0;
    }

    public override Errno Send(Errno error, int length)
    {
        Assert.Equal(-1, new Span<byte>(_reply + _room, Guard).IndexOfAnyExcept(GuardByte));
        var message = new byte[16 + length];
        BitConverter.TryWriteBytes(message.AsSpan(0), message.Length);
        BitConverter.TryWriteBytes(message.AsSpan(4), -(int)error);
        BitConverter.TryWriteBytes(message.AsSpan(8), Header->Unique);
        new ReadOnlySpan<byte>(_reply, length).CopyTo(message.AsSpan(16));
        return _transport.Accept(message);
    }

    public override void Recycle() => _transport.Return(this);

    public void Dispose()
    {
        NativeMemory.Free(_request);
        NativeMemory.Free(_reply);
    }
}
