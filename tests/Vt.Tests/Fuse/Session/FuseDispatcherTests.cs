using System.Buffers.Binary;
using Vt.Fuse.Protocol;
using Vt.Posix;

namespace Vt.Tests.Fuse.Session;

public sealed class FuseDispatcherTests
{
    /// <summary>Each operation: request, what the filesystem sees, size of the reply's body, a number in it and where.</summary>
    public static TheoryData<string, byte[], string, int, int, ulong> Operations { get; } = new()
    {
        { "lookup", Body().Name("file").As(FuseOpcode.Lookup), "Lookup 7 file", 128, 0, 42 },
        { "getattr", Body().U32(1).U32(0).U64(5).As(FuseOpcode.Getattr), "Getattr 7 1 5", 104, 16, 99 },
        { "setattr", Setattr(), "Setattr 7 Mode, Size 4321 420", 104, 24, 4321 },
        { "readlink", Body().As(FuseOpcode.Readlink), "Readlink 7", 9, 0, 0x677261742f2e2e + ((ulong)'e' << 56) },
        { "symlink", Body().Name("l").Name("to").As(FuseOpcode.Symlink), "Symlink 7 l to", 128, 0, 42 },
        { "mknod", Body().U32(8).U32(2).U32(18).U32(0).Name("n").As(FuseOpcode.Mknod), "Mknod 7 n 8 2 18", 128, 40, 42 },
        { "mkdir", Body().U32(493).U32(18).Name("d").As(FuseOpcode.Mkdir), "Mkdir 7 d 493 18", 128, 16, 3 },
        { "unlink", Body().Name("x").As(FuseOpcode.Unlink), "Unlink 7 x", 0, -1, 0 },
        { "rmdir", Body().Name("x").As(FuseOpcode.Rmdir), "Rmdir 7 x", 0, -1, 0 },
        { "rename", Body().U64(9).Name("a").Name("b").As(FuseOpcode.Rename), "Rename 7 a 9 b None", 0, -1, 0 },
        { "rename2", Body().U64(9).U32(2).U32(0).Name("a").Name("b").As(FuseOpcode.Rename2), "Rename2 7 a 9 b Exchange", 0, -1, 0 },
        { "link", Body().U64(8).Name("b").As(FuseOpcode.Link), "Link 7 b 8", 128, 0, 42 },
        { "open", Body().U32(0x8000).U32(0).As(FuseOpcode.Open), "Open 7 32768", 16, 0, 66 },
        { "read", Read(FuseOpcode.Read, 100), "Read 7 66 4096 100", 5, -1, 0 },
        { "write", Write(), "Write 7 data 66 512 Cache", 8, 0, 4 },
        { "statfs", Body().As(FuseOpcode.Statfs), "", 80, 40, 4096 + (255UL << 32) },
        { "release", Release(FuseOpcode.Release), "Release 7 66", 0, -1, 0 },
        { "fsync", Body().U64(66).U32(1).U32(0).As(FuseOpcode.Fsync), "Fsync 7 66 1", 0, -1, 0 },
        { "setxattr", Body().U32(3).U32(1).U32(1).U32(0).Name("user.a").Data("abc"u8).As(FuseOpcode.Setxattr), "Setxattr 7 user.a abc 1 True", 0, -1, 0 },
        { "getxattr", Body().U32(64).U32(0).Name("user.a").As(FuseOpcode.Getxattr), "Getxattr 7 user.a", 5, -1, 0 },
        { "getxattr size", Body().U32(0).U32(0).Name("user.a").As(FuseOpcode.Getxattr), "Getxattr 7 user.a", 8, 0, 5 },
        { "listxattr", Body().U32(64).U32(0).As(FuseOpcode.Listxattr), "Listxattr 7", 7, -1, 0 },
        { "listxattr size", Body().U32(0).U32(0).As(FuseOpcode.Listxattr), "Listxattr 7", 8, 0, 7 },
        { "removexattr", Body().Name("user.a").As(FuseOpcode.Removexattr), "Removexattr 7 user.a", 0, -1, 0 },
        { "flush", Body().U64(66).U64(0).U64(31).As(FuseOpcode.Flush), "Flush 7 66 31", 0, -1, 0 },
        { "opendir", Body().U32(0).U32(0).As(FuseOpcode.Opendir), "Opendir 7 0", 16, 0, 66 },
        { "readdir", Read(FuseOpcode.Readdir, 100), "Readdir 7 4096", 96, 0, 7 },
        { "releasedir", Release(FuseOpcode.Releasedir), "Releasedir 7 66", 0, -1, 0 },
        { "fsyncdir", Body().U64(66).U32(0).U32(0).As(FuseOpcode.Fsyncdir), "Fsyncdir 7 66 0", 0, -1, 0 },
        { "getlk", Lock(FuseOpcode.Getlk, 0), "Getlk 7 31 10-20", 24, 16, 2 },
        { "setlk", Lock(FuseOpcode.Setlk, 0), "Setlk 7 posix 1 False", 0, -1, 0 },
        { "setlkw", Lock(FuseOpcode.Setlkw, 0), "Setlkw 7 posix 1 True", 0, -1, 0 },
        { "flock", Lock(FuseOpcode.Setlk, 1), "Setlk 7 flock 1 False", 0, -1, 0 },
        { "flock waiting", Lock(FuseOpcode.Setlkw, 1), "Setlkw 7 flock 1 True", 0, -1, 0 },
        { "access", Body().U32(4).U32(0).As(FuseOpcode.Access), "Access 7 4", 0, -1, 0 },
        { "create", Body().U32(2).U32(420).U32(0).U32(0).Name("n").As(FuseOpcode.Create), "Create 7 n 2 420", 144, 128, 66 },
        { "tmpfile", Body().U32(2).U32(420).U32(0).U32(0).As(FuseOpcode.Tmpfile), "Tmpfile 7 420", 144, 128, 66 },
        { "bmap", Body().U64(3).U32(512).U32(0).As(FuseOpcode.Bmap), "Bmap 7 3 512", 8, 0, 12 },
        { "ioctl", Ioctl(), "Ioctl 7 in 1234", 19, 0, 3 },
        { "poll", Body().U64(66).U64(1).U32(1).U32(5).As(FuseOpcode.Poll), "Poll 7 5", 8, 0, 1 },
        { "fallocate", Body().U64(66).U64(1).U64(2).U32(3).U32(0).As(FuseOpcode.Fallocate), "Fallocate 7 1 2 3", 0, -1, 0 },
        { "lseek", Body().U64(66).U64(100).U32(3).U32(0).As(FuseOpcode.Lseek), "Lseek 7 100 3", 8, 0, 4096 },
        { "copy", Copy(FuseOpcode.CopyFileRange), "CopyFileRange 7 1 8 2 3", 8, 0, uint.MaxValue },
        { "copy 64", Copy(FuseOpcode.CopyFileRange64), "CopyFileRange64 7 1 8 2 3", 8, 0, 1UL << 33 },
        { "syncfs", Body().U64(0).As(FuseOpcode.Syncfs), "Syncfs 7", 0, -1, 0 },
        { "statx", Body().U32(0).U32(0).U64(0).U32(0).U32(0x7ff).As(FuseOpcode.Statx), "Statx 7 2047", 288, 64, 77 },
        { "destroy", Body().As(FuseOpcode.Destroy), "", 0, -1, 0 },
    };

    [Theory]
    [MemberData(nameof(Operations))]
    public void Each_operation_reaches_its_method_and_its_reply_has_the_wires_form(
        string name, byte[] request, string call, int size, int offset, ulong expected)
    {
        Assert.NotEmpty(name);
        var fileSystem = new ScriptedFileSystem();
        using var transport = MemoryTransport.Started(fileSystem);

        var reply = transport.Exchange(request)!;

        Assert.Equal(16 + size, reply.Length);
        Assert.Equal(16 + size, BinaryPrimitives.ReadInt32LittleEndian(reply));
        Assert.Equal(0, ErrorOf(reply));
        Assert.Equal(RequestBytes.Unique, BinaryPrimitives.ReadUInt64LittleEndian(reply.AsSpan(8)));
        if (offset >= 0)
            Assert.Equal(expected, BinaryPrimitives.ReadUInt64LittleEndian(reply.AsSpan(16 + offset)));
        if (call.Length > 0)
            Assert.Equal([call], fileSystem.Calls);
        Assert.Equal(0, transport.ReplyCount);
    }

    [Fact]
    public void What_a_filesystem_does_not_implement_answers_ENOSYS_or_what_suits_better()
    {
        using var transport = MemoryTransport.Started(new EmptyFileSystem());
        foreach (var row in Operations)
        {
            var request = (byte[])row[1];
            var opcode = (FuseOpcode)BinaryPrimitives.ReadUInt32LittleEndian(request.AsSpan(4));
            var expected = opcode switch
            {
                FuseOpcode.Lookup => -(int)Errno.ENOENT,
                FuseOpcode.Statfs or FuseOpcode.Release or FuseOpcode.Releasedir or FuseOpcode.Destroy => 0,
                _ => -(int)Errno.ENOSYS,
            };
            var reply = transport.Exchange(request)!;
            Assert.Equal((opcode, expected), (opcode, ErrorOf(reply)));
        }
    }

    [Theory]
    [InlineData(7)]
    [InlineData(19)]
    [InlineData(48)]
    [InlineData(49)]
    [InlineData(54)]
    [InlineData(4096)]
    [InlineData(-1)]
    public void An_unknown_operation_answers_ENOSYS(int opcode)
    {
        using var transport = MemoryTransport.Started(new ScriptedFileSystem());
        var reply = transport.Exchange(RequestBytes.Message((FuseOpcode)opcode, new byte[100]))!;
        Assert.Equal(16, reply.Length);
        Assert.Equal(-(int)Errno.ENOSYS, ErrorOf(reply));
    }

    [Fact]
    public void Forgets_are_counted_and_never_answered()
    {
        var fileSystem = new ScriptedFileSystem();
        using var transport = MemoryTransport.Started(fileSystem);

        Assert.Null(transport.Exchange(Body().U64(3).As(FuseOpcode.Forget)));
        Assert.Null(transport.Exchange(Body().U32(2).U32(0).U64(10).U64(1).U64(11).U64(4).As(FuseOpcode.BatchForget)));
        Assert.Null(transport.Exchange(Body().U32(9).U32(0).U64(12).U64(1).As(FuseOpcode.BatchForget)));

        Assert.Equal(["forget 7 3", "forget 10 1", "forget 11 4", "forget 12 1"], fileSystem.Calls);
    }

    [Fact]
    public void Nothing_but_INIT_succeeds_before_INIT()
    {
        using var transport = new MemoryTransport(new ScriptedFileSystem());
        Assert.Equal(-(int)Errno.EIO, ErrorOf(transport.Exchange(Body().Name("a").As(FuseOpcode.Lookup))!));
        Assert.Null(transport.Exchange(Body().U64(3).As(FuseOpcode.Forget)));
    }

    [Theory]
    [InlineData(FuseOpcode.Lookup, 0)]
    [InlineData(FuseOpcode.Symlink, 0)]
    [InlineData(FuseOpcode.Rename2, 16)]
    [InlineData(FuseOpcode.Create, 16)]
    public void A_name_without_an_end_is_refused(FuseOpcode opcode, int arguments)
    {
        var fileSystem = new ScriptedFileSystem();
        using var transport = MemoryTransport.Started(fileSystem);
        byte[] body = [.. new byte[arguments], (byte)'a', (byte)'b'];
        Assert.Equal(-(int)Errno.EIO, ErrorOf(transport.Exchange(RequestBytes.Message(opcode, body))!));
        Assert.Empty(fileSystem.Calls);
    }

    [Fact]
    public void An_attribute_that_does_not_fit_answers_ERANGE()
    {
        using var transport = MemoryTransport.Started(new ScriptedFileSystem());
        Assert.Equal(-(int)Errno.ERANGE, ErrorOf(transport.Exchange(Body().U32(4).U32(0).Name("user.a").As(FuseOpcode.Getxattr))!));
        Assert.Equal(-(int)Errno.ERANGE, ErrorOf(transport.Exchange(Body().U32(6).U32(0).As(FuseOpcode.Listxattr))!));
    }

    [Theory]
    [InlineData(typeof(InvalidDataException), Errno.EIO)]
    [InlineData(typeof(OperationCanceledException), Errno.EINTR)]
    [InlineData(typeof(NotSupportedException), Errno.EOPNOTSUPP)]
    public void A_handler_that_throws_still_answers(Type type, Errno expected)
    {
        using var transport = MemoryTransport.Started(new ThrowingFileSystem(type));
        var reply = transport.Exchange(Body().Name("a").As(FuseOpcode.Lookup))!;
        Assert.Equal(16, reply.Length);
        Assert.Equal(-(int)expected, ErrorOf(reply));
    }

    [Fact]
    public void READDIRPLUS_never_exceeds_what_was_asked_and_counts_only_what_it_gives()
    {
        var fileSystem = new ScriptedFileSystem();
        using var transport = MemoryTransport.Started(fileSystem);
        for (var size = 100u; size < 2000; size += 7)
        {
            var reply = transport.Exchange(Read(FuseOpcode.Readdirplus, size))!;
            Assert.True(reply.Length - 16 <= size);
            Assert.Equal(0, (reply.Length - 16) % 8);
        }
    }

    [Fact]
    public void What_a_lost_reply_gave_is_taken_back()
    {
        var fileSystem = new ScriptedFileSystem();
        using var transport = MemoryTransport.Started(fileSystem);
        transport.Delivery = Errno.ENOENT;

        transport.Post(Body().Name("f").As(FuseOpcode.Lookup));
        transport.Post(Body().U32(2).U32(420).U32(0).U32(0).Name("n").As(FuseOpcode.Create));
        transport.Post(Body().U32(0).U32(0).As(FuseOpcode.Open));
        transport.Post(Body().U32(0).U32(0).As(FuseOpcode.Opendir));
        transport.Post(Read(FuseOpcode.Readdirplus, 160 + 160 + 160));
        transport.Post(Body().U64(66).U64(100).U32(3).U32(0).As(FuseOpcode.Lseek));

        Assert.Equal(
            [
                "Lookup 7 f", "forget 42 1",
                "Create 7 n 2 420", "abandon 42 66 False", "forget 42 1",
                "Open 7 0", "abandon 7 66 False",
                "Opendir 7 0", "abandon 7 66 True",
                "Readdirplus 7 4096", "forget 4148 1", "forget 4149 1",
                "Lseek 7 100 3",
            ],
            fileSystem.Calls);
    }

    [Fact]
    public void The_filesystem_is_told_of_the_end_once()
    {
        var fileSystem = new ScriptedFileSystem();
        using var transport = MemoryTransport.Started(fileSystem);
        transport.Exchange(Body().As(FuseOpcode.Destroy));
        transport.Dispatcher.Stop();
        Assert.Equal(1, fileSystem.StopCount);
    }

    [Fact]
    public void Answering_at_once_allocates_nothing()
    {
        using var transport = MemoryTransport.Started(new ScriptedFileSystem { IsRecording = false });
        using var slot = new SilentSlot();
        byte[][] requests =
        [
            Body().U32(1).U32(0).U64(5).As(FuseOpcode.Getattr), Body().Name("file").As(FuseOpcode.Lookup),
            Read(FuseOpcode.Read, 4096), Read(FuseOpcode.Readdirplus, 4096), Body().U64(1).As(FuseOpcode.Forget),
        ];
        var dispatcher = transport.Dispatcher;
        Run(100);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(1000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Run(int rounds)
        {
            for (var i = 0; i < rounds; i++)
            {
                foreach (var request in requests)
                {
                    slot.Load(request, dispatcher);
                    dispatcher.Dispatch(slot);
                }
            }
        }
    }

    internal static RequestBytes Body() => new();

    internal static byte[] Read(FuseOpcode opcode, uint size, ulong unique = RequestBytes.Unique) =>
        Body().U64(66).U64(4096).U32(size).U32(0).U64(0).U32(0).U32(0).As(opcode, unique);

    internal static int ErrorOf(byte[] reply) => BinaryPrimitives.ReadInt32LittleEndian(reply.AsSpan(4));

    static byte[] Write() =>
        Body().U64(66).U64(512).U32(4).U32(1).U64(0).U32(0).U32(0).Data("data"u8).As(FuseOpcode.Write);

    static byte[] Release(FuseOpcode opcode) => Body().U64(66).U32(0).U32(0).U64(0).As(opcode);

    static byte[] Lock(FuseOpcode opcode, uint flags) =>
        Body().U64(66).U64(31).U64(10).U64(20).U32(1).U32(0).U32(flags).U32(0).As(opcode);

    static byte[] Ioctl() => Body().U64(66).U32(0).U32(1234).U64(0).U32(2).U32(3).Data("in"u8).As(FuseOpcode.Ioctl);

    static byte[] Copy(FuseOpcode opcode) => Body().U64(66).U64(1).U64(8).U64(67).U64(2).U64(3).U64(0).As(opcode);

    static byte[] Setattr()
    {
        var body = Body().U32(1 | (1 << 3)).U32(0).U64(0).U64(4321).U64(0).U64(0).U64(0).U64(0).U32(0).U32(0).U32(0).U32(420);
        return body.U32(0).U32(0).U32(0).U32(0).As(FuseOpcode.Setattr);
    }
}
