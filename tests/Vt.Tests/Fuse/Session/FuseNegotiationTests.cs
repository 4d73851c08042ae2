using System.Buffers.Binary;
using Vt.Fuse.Protocol;
using Vt.Fuse.Session;
using Vt.Posix;

namespace Vt.Tests.Fuse.Session;

public sealed class FuseNegotiationTests
{
    [Fact]
    public void The_newest_kernel_gets_what_both_want()
    {
        var fileSystem = new ScriptedFileSystem();
        using var transport = new MemoryTransport(fileSystem);
        var reply = transport.Exchange(RequestBytes.Init());
        Assert.Equal(16 + 64, reply!.Length);
        Assert.Equal(7u, U32(reply, 0));
        Assert.Equal(45u, U32(reply, 4));
        Assert.Equal(1u << 20, U32(reply, 20));
        Assert.Equal(256, BinaryPrimitives.ReadUInt16LittleEndian(reply.AsSpan(16 + 28)));
        var flags = U32(reply, 12) | ((ulong)U32(reply, 32) << 32);
        Assert.Equal(FuseSessionOptions.UsualFeatures, (FuseInitFlags)flags);
        Assert.True(fileSystem.Connection!.Has(FuseInitFlags.ExpireOnly));
        Assert.Equal(1 << 20, fileSystem.Connection.MaxWrite);
    }

    [Theory]
    [InlineData(IoUringUse.On, true)]
    [InlineData(IoUringUse.Automatic, false)]
    [InlineData(IoUringUse.Off, false)]
    public void Io_uring_is_agreed_where_the_transport_speaks_it(IoUringUse use, bool agreed)
    {
        var fileSystem = new ScriptedFileSystem();
        using var transport = new MemoryTransport(fileSystem, new FuseSessionOptions { IoUring = use });
        var reply = transport.Exchange(RequestBytes.Init());
        Assert.Equal(agreed, (U32(reply!, 32) & (1 << 9)) != 0);
        Assert.Equal(agreed, fileSystem.Connection!.IsOverIoUring);

        using var older = new MemoryTransport(fileSystem = new ScriptedFileSystem(), new FuseSessionOptions { IoUring = use });
        older.Exchange(RequestBytes.Init(flags2: 0));
        Assert.False(fileSystem.Connection!.IsOverIoUring);
    }

    [Fact]
    public void An_older_kernel_is_answered_in_its_own_version()
    {
        using var transport = new MemoryTransport(new ScriptedFileSystem());
        var reply = transport.Exchange(RequestBytes.Init(minor: 31, flags: (uint)FuseInitFlags.AsyncRead, flags2: 0xffffffff, length: 16));
        Assert.Equal(31u, U32(reply!, 4));
        Assert.Equal((uint)FuseInitFlags.AsyncRead, U32(reply!, 12));
        Assert.Equal(0u, U32(reply!, 32));
        Assert.Equal(131072u, U32(reply!, 20)); // without page counts a request has 32 pages at most
    }

    [Fact]
    public void A_kernel_that_is_too_old_is_refused()
    {
        using var transport = new MemoryTransport(new ScriptedFileSystem());
        var reply = transport.Exchange(RequestBytes.Init(minor: 30));
        Assert.Equal(-(int)Errno.EPROTO, BinaryPrimitives.ReadInt32LittleEndian(reply.AsSpan(4)));
        Assert.Equal(Errno.EPROTO, transport.InitResult);
    }

    [Fact]
    public void A_kernel_of_a_newer_major_version_is_asked_to_come_down()
    {
        var offer = RequestBytes.Init();
        offer[40] = 8;
        using var transport = new MemoryTransport(new ScriptedFileSystem());
        var reply = transport.Exchange(offer);
        Assert.Equal(7u, U32(reply!, 0));
        Assert.Null(transport.InitResult);
        Assert.NotNull(transport.Exchange(RequestBytes.Init()));
        Assert.Equal(Errno.OK, transport.InitResult);
    }

    [Fact]
    public void Without_the_long_header_SETXATTR_is_read_with_the_short_one()
    {
        var fileSystem = new ScriptedFileSystem();
        using var transport = new MemoryTransport(fileSystem);
        transport.Exchange(RequestBytes.Init(flags: (uint)FuseInitFlags.AsyncRead));
        transport.Exchange(new RequestBytes().U32(3).U32(2).Name("user.a").Data("abc"u8).As(FuseOpcode.Setxattr));
        Assert.Equal(["Setxattr 7 user.a abc 2 False"], fileSystem.Calls);
    }

    static uint U32(byte[] reply, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(reply.AsSpan(16 + offset));
}
