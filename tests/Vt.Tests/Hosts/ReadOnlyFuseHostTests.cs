using System.Buffers.Binary;
using System.Text;
using Vt.Fuse.Protocol;
using Vt.Hosts.FuseHost;
using Vt.Posix;
using Vt.Tests.Files;
using Vt.Tests.Fuse.Session;

namespace Vt.Tests.Hosts;

/// <summary>What the kernel gets to read: offsets in the replies are those of the kernel's header, fuse.h.</summary>
public sealed class ReadOnlyFuseHostTests : IAsyncDisposable
{
    const int HeaderSize = 16;
    const int EntrySize = 128;
    const ulong Root = 1;

    readonly MountedFiles _tree = new();
    ReadOnlyFuseHost? _host;
    MemoryTransport? _kernel;

    public async ValueTask DisposeAsync()
    {
        _kernel?.Dispose();
        _host?.Dispose();
        await _tree.DisposeAsync();
    }

    [Fact]
    public async Task An_absent_name_may_be_remembered()
    {
        await MountAsync();
        var reply = Send(new RequestBytes().Name("gone"), FuseOpcode.Lookup);
        Assert.Equal(HeaderSize + EntrySize, reply.Length);
        Assert.Equal(0, ErrorOf(reply));
        Assert.Equal(0u, U64(reply, 0));
        Assert.True(U64(reply, 16) > 3600);
    }

    [Fact]
    public async Task A_name_comes_with_all_its_attributes()
    {
        _tree.Write("file", new byte[5]);
        await MountAsync();
        var reply = Send(new RequestBytes().Name("file"), FuseOpcode.Lookup);
        Assert.NotEqual(0u, U64(reply, 0));
        Assert.Equal(5u, U64(reply, 40 + 8));
        Assert.Equal(ModeBits.S_IFREG, U32(reply, 40 + 60) & 0xf000);
        Assert.Equal(1u, U32(reply, 40 + 64));
    }

    [Theory]
    [InlineData(FuseOpcode.Readdir)]
    [InlineData(FuseOpcode.Readdirplus)]
    public async Task Every_cursor_goes_on_behind_its_name(FuseOpcode opcode)
    {
        var names = Enumerable.Range(0, 400).Select(i => $"entry-{i:d3}").ToList();
        foreach (var name in names)
            _tree.Write(name, []);
        await MountAsync();
        var all = new List<(string Name, ulong Next)>();
        for (ulong at = 0; ;)
        {
            var some = List(opcode, at, 4096);
            if (some.Count == 0)
                break;
            all.AddRange(some);
            at = some[^1].Next;
        }

        Assert.Equal([".", "..", .. names], all.Select(entry => entry.Name));
        for (var i = 0; i < all.Count; i++)
            Assert.Equal(i + 1 < all.Count ? all[i + 1].Name : null, List(opcode, all[i].Next, 300).Select(entry => entry.Name).FirstOrDefault());
        Assert.Empty(List(opcode, ulong.MaxValue >> 1, 4096));
    }

    [Fact]
    public async Task What_is_too_small_for_a_name_gives_none()
    {
        _tree.Write("file", []);
        await MountAsync();
        Assert.Empty(List(FuseOpcode.Readdirplus, 0, 8));
    }

    [Fact]
    public async Task Reading_stops_at_the_end_and_damage_is_an_error()
    {
        var content = new byte[300_000];
        new Random(1).NextBytes(content);
        _tree.Write("file", content);
        var root = await MountAsync();
        var node = U64(Send(new RequestBytes().Name("file"), FuseOpcode.Lookup), 0);
        Assert.Equal(content[..4096], Read(node, 0, 4096)[HeaderSize..]);
        Assert.Equal(content[299_000..], Read(node, 299_000, 4096)[HeaderSize..]);
        Assert.Equal(HeaderSize, Read(node, 300_000, 4096).Length);
        Assert.Equal(HeaderSize, Read(node, 1UL << 62, 4096).Length);
        foreach (var leaf in await _tree.LeavesAsync(root, "file"))
            _tree.Store.Damaged[leaf.Leaf.Hash] = true;
        Assert.Equal(-(int)Errno.EIO, ErrorOf(Read(node, 8192, 4096)));
    }

    [Fact]
    public async Task Attributes_that_do_not_fit_are_refused_and_their_size_is_told()
    {
        _tree.Write("file", [1]);
        await MountAsync();
        var node = U64(Send(new RequestBytes().Name("file"), FuseOpcode.Lookup), 0);
        var size = U32(Send(new RequestBytes().U32(0).U32(0).Name("x-vt-dirent"), FuseOpcode.Getxattr, node), 0);
        Assert.True(size > 10);
        Assert.Equal(-(int)Errno.ERANGE, ErrorOf(Send(new RequestBytes().U32(4).U32(0).Name("x-vt-dirent"), FuseOpcode.Getxattr, node)));
        Assert.Equal(HeaderSize + (int)size, Send(new RequestBytes().U32(size).U32(0).Name("x-vt-dirent"), FuseOpcode.Getxattr, node).Length);
    }

    [Fact]
    public async Task Opening_is_left_to_the_kernel_and_changes_are_refused()
    {
        await MountAsync();
        Assert.Equal(-(int)Errno.ENOSYS, ErrorOf(Send(new RequestBytes().U32(0).U32(0), FuseOpcode.Open)));
        Assert.Equal(-(int)Errno.ENOSYS, ErrorOf(Send(new RequestBytes().U32(0).U32(0), FuseOpcode.Opendir)));
        Assert.True(ErrorOf(Send(new RequestBytes().U32(493).U32(0).Name("new"), FuseOpcode.Mkdir)) < 0);
    }

    async Task<Vt.Trees.Dirents.Dirent> MountAsync()
    {
        var root = await _tree.MountAsync();
        _host = new ReadOnlyFuseHost(_tree.Files);
        _kernel = MemoryTransport.Started(_host);
        return root;
    }

    byte[] Send(RequestBytes body, FuseOpcode opcode, ulong node = Root)
    {
        var message = body.As(opcode);
        BinaryPrimitives.WriteUInt64LittleEndian(message.AsSpan(16), node);
        _kernel!.Post(message);
        return _kernel.Take();
    }

    byte[] Read(ulong node, ulong offset, uint size) =>
        Send(new RequestBytes().U64(0).U64(offset).U32(size).U32(0).U64(0).U32(0).U32(0), FuseOpcode.Read, node);

    List<(string Name, ulong Next)> List(FuseOpcode opcode, ulong offset, uint size)
    {
        var reply = Send(new RequestBytes().U64(0).U64(offset).U32(size).U32(0).U64(0).U32(0).U32(0), opcode);
        Assert.Equal(0, ErrorOf(reply));
        var body = reply.AsSpan(HeaderSize);
        var head = opcode == FuseOpcode.Readdirplus ? EntrySize : 0;
        var entries = new List<(string, ulong)>();
        while (!body.IsEmpty)
        {
            var dirent = body[head..];
            var length = BinaryPrimitives.ReadInt32LittleEndian(dirent[16..]);
            entries.Add((Encoding.UTF8.GetString(dirent.Slice(24, length)), BinaryPrimitives.ReadUInt64LittleEndian(dirent[8..])));
            body = body[((head + 24 + length + 7) & ~7)..];
        }

        return entries;
    }

    static int ErrorOf(byte[] reply) => BinaryPrimitives.ReadInt32LittleEndian(reply.AsSpan(4));

    static ulong U64(byte[] reply, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(reply.AsSpan(HeaderSize + offset));

    static uint U32(byte[] reply, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(reply.AsSpan(HeaderSize + offset));
}
