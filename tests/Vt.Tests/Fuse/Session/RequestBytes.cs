using System.Buffers.Binary;
using Vt.Fuse.Protocol;

namespace Vt.Tests.Fuse.Session;

/// <summary>Writes requests as the kernel does, number by number, so that the structures under test aren't what checks them.</summary>
sealed class RequestBytes
{
    public const ulong Unique = 0x1122334455667788;
    public const ulong Node = 7;

    readonly List<byte> _bytes = [];

    public static byte[] Init(uint minor = 45, uint flags = 0xffffffff, uint flags2 = 0xffffffff, int length = 64)
    {
        var request = new RequestBytes().U32(7).U32(minor).U32(131072).U32(flags).U32(flags2);
        while (request._bytes.Count < 64)
            request.U32(0);
        return Message(FuseOpcode.Init, [.. request._bytes.Take(length)], 0);
    }

    public static byte[] Message(FuseOpcode opcode, byte[] body, ulong node = Node, ulong unique = Unique)
    {
        var message = new RequestBytes().U32((uint)(40 + body.Length)).U32((uint)opcode).U64(unique).U64(node);
        message.U32(1000).U32(100).U32(4242).U32(0);
        return [.. message._bytes, .. body];
    }

    public byte[] As(FuseOpcode opcode, ulong unique = Unique) => Message(opcode, [.. _bytes], Node, unique);

    public RequestBytes U32(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        _bytes.AddRange(bytes);
        return this;
    }

    public RequestBytes U64(ulong value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        _bytes.AddRange(bytes);
        return this;
    }

    public RequestBytes Name(string name)
    {
        _bytes.AddRange(System.Text.Encoding.UTF8.GetBytes(name));
        _bytes.Add(0);
        return this;
    }

    public RequestBytes Data(ReadOnlySpan<byte> data)
    {
        _bytes.AddRange(data);
        return this;
    }
}
