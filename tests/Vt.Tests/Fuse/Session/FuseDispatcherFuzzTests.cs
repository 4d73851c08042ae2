using System.Buffers.Binary;
using Vt.Fuse.Protocol;
using Vt.Posix;

namespace Vt.Tests.Fuse.Session;

public sealed class FuseDispatcherFuzzTests
{
    const int Rounds = 30_000;

    [Fact]
    public void Any_bytes_get_at_most_one_reply_of_the_right_length()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        using var transport = MemoryTransport.Started(new ScriptedFileSystem { IsRecording = false });
        for (var round = 0; round < Rounds; round++)
        {
            var request = Make(random);
            var before = transport.ReplyCount;
            var reply = transport.Exchange(request);
            Assert.True(before == 0 && transport.ReplyCount == 0, $"seed {seed}, round {round}");
            if (reply is not null)
                Check(request, reply, $"seed {seed}, round {round}");
        }
    }

    static byte[] Make(Random random)
    {
        var opcode = (FuseOpcode)random.Next(0, 56);
        if (opcode is FuseOpcode.Init or FuseOpcode.Destroy)
            opcode = FuseOpcode.Lookup;
        var size = Math.Max(FuseProtocol.ArgumentSize(opcode, true), 0) + random.Next(0, 3) switch
        {
            0 => 0,
            1 => random.Next(0, 64),
            _ => random.Next(-20, 8000),
        };
        var body = new byte[Math.Max(0, size)];
        random.NextBytes(body);
        for (var i = 0; i < body.Length; i++)
        {
            // Small numbers and NULs reach deeper than noise does.
            if (random.Next(3) == 0)
                body[i] = 0;
        }

        var request = RequestBytes.Message(opcode, body);
        if (random.Next(20) == 0)
            BinaryPrimitives.WriteUInt16LittleEndian(request.AsSpan(36), (ushort)random.Next(0, 20));
        return request;
    }

    static void Check(byte[] request, byte[] reply, string where)
    {
        var opcode = (FuseOpcode)BinaryPrimitives.ReadUInt32LittleEndian(request.AsSpan(4));
        var error = BinaryPrimitives.ReadInt32LittleEndian(reply.AsSpan(4));
        Assert.True(reply.Length == BinaryPrimitives.ReadInt32LittleEndian(reply), where);
        Assert.True(error is <= 0 and > -512, where);
        Assert.False(FuseProtocol.IsUnanswered(opcode), where);
        var fixedSize = FuseProtocol.ReplySize(opcode);
        if (error != 0)
            Assert.True(reply.Length == 16, where);
        else if (fixedSize >= 0)
            Assert.True(reply.Length == 16 + fixedSize, where);
        else if (opcode is FuseOpcode.Read or FuseOpcode.Readdir or FuseOpcode.Readdirplus)
            Assert.True((uint)(reply.Length - 16) <= BinaryPrimitives.ReadUInt32LittleEndian(request.AsSpan(40 + 16)), where);
        else if (opcode is FuseOpcode.Interrupt)
            Assert.True(error == -(int)Errno.EAGAIN, where);
    }
}
