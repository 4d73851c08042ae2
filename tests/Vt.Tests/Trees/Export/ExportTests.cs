using System.Text;
using Vt.Blocks.BlockTree;
using Vt.Blocks.Chunking;
using Vt.Blocks.Contracts;
using Vt.Posix;
using Vt.Stores.Memory;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Export;
using Vt.Trees.Meta;

namespace Vt.Tests.Trees.Export;

public sealed class ExportTests : IDisposable
{
    static readonly Timestamp Time = new(1_000_000_007, 123_456_789);

    readonly string _folder = Directory.CreateTempSubdirectory("vt-export-").FullName;
    readonly MemoryStore _store = new();
    readonly TreeBatch _batch;

    public ExportTests() => _batch = new TreeBatch(_store);

    string Destination => Path.Combine(_folder, "out");

    public void Dispose()
    {
        _batch.Dispose();
        Support.TempFolder.Remove(System.Text.Encoding.UTF8.GetBytes(_folder));
    }

    [Fact]
    public async Task Every_kind_comes_back_with_its_metadata()
    {
        var large = new byte[9 << 20];
        new Random(7).NextBytes(large);
        byte[] nasty = [0xff, (byte)'\n', (byte)'\\', 0x01];
        var inner = await DirectoryAsync("inner", 0x16d, File("small", BlockRef.Literal("abc"u8), 0xded));
        var root = await DirectoryAsync(
            "",
            0x1ed,
            inner,
            File("large", await ContentAsync(large)),
            File("empty", BlockRef.Empty),
            File("x", BlockRef.Literal("n"u8)) with { Name = nasty },
            new Dirent { Kind = DirentKind.Symlink, Name = "link"u8.ToArray(), Content = BlockRef.Literal("/nowhere"u8), Metadata = Meta(0x1ff) },
            new Dirent { Kind = DirentKind.Fifo, Name = "fifo"u8.ToArray(), Metadata = Meta(0x1a4) },
            new Dirent { Kind = DirentKind.Socket, Name = "socket"u8.ToArray(), Metadata = Meta(0x1a4) });

        var result = await ExportAsync(root);

        Assert.Empty(result.Issues);
        Assert.Equal(large, await System.IO.File.ReadAllBytesAsync(Path.Combine(Destination, "large")));
        Assert.Equal("abc"u8.ToArray(), await System.IO.File.ReadAllBytesAsync(Path.Combine(Destination, "inner/small")));
        Assert.Equal(0xdedu, Status("inner/small").Permissions);
        Assert.Equal(0x16du, Status("inner").Permissions);
        Assert.Equal(ModeBits.S_IFIFO, Status("fifo").Type);
        Assert.Equal(ModeBits.S_IFSOCK, Status("socket").Type);
        Assert.Equal("/nowhere"u8.ToArray(), PosixFile.Readlink(Encoding.UTF8.GetBytes(Path.Combine(Destination, "link"))));
        Assert.Equal(1, PosixFile.Lstat([.. Encoding.UTF8.GetBytes(Destination), (byte)'/', .. nasty]).Size);
        foreach (var name in new[] { "", "inner", "inner/small", "large", "empty", "link", "fifo", "socket" })
        {
            var time = Status(name).ModificationTime;
            Assert.Equal((Time.Seconds, Time.Nanoseconds), (time.Seconds, time.Nanoseconds));
        }
    }

    [Fact]
    public async Task Runs_of_zeros_become_holes()
    {
        await using var writer = new BlockTreeWriter(_store, new Chunker(_store.Chunking));
        await writer.WriteAsync("head"u8.ToArray());
        await writer.WriteRunAsync(0, 64 << 20);
        var content = await writer.CompleteAsync();
        var root = await DirectoryAsync("", 0x1ed, File("sparse", content), File("hole", BlockRef.Run(0, 1 << 30)), File("ones", BlockRef.Run(1, 100_000)));

        Assert.Empty((await ExportAsync(root)).Issues);
        Assert.Equal((64 << 20) + 4, Status("sparse").Size);
        Assert.True(Status("sparse").Blocks < 1000);
        Assert.Equal(1 << 30, Status("hole").Size);
        Assert.Equal(Enumerable.Repeat((byte)1, 100_000), await System.IO.File.ReadAllBytesAsync(Path.Combine(Destination, "ones")));
    }

    [Fact]
    public async Task Names_of_one_inode_are_linked()
    {
        var uuid = Guid.NewGuid();
        var inode = new Dirent { Kind = DirentKind.File, Uuid = uuid, Content = BlockRef.Literal("one"u8), Metadata = Meta(0x1a4) };
        var table = await DirectoryBuilder.BuildAsync(_batch, [inode], DirectoryOrder.Uuids);
        Dirent Name(string name) => new() { Kind = DirentKind.Indirect, Name = Encoding.UTF8.GetBytes(name), Uuid = uuid };
        var sub = await DirectoryAsync("sub", 0x1ed, Name("a"), Name("b"));
        var many = Enumerable.Range(0, 1500).Select(i => Name($"n{i}")).ToArray();
        var root = await DirectoryAsync("", 0x1ed, [sub, .. many]);

        Assert.Empty((await ExportAsync(root, table.Content)).Issues);
        Assert.Equal(1502u, Status("sub/a").Links);
        Assert.Equal(Status("sub/b").Inode, Status("n77").Inode);
    }

    [Fact]
    public async Task A_link_in_the_way_is_never_followed()
    {
        var outside = Path.Combine(_folder, "outside");
        Directory.CreateDirectory(outside);
        Directory.CreateDirectory(Destination);
        System.IO.File.CreateSymbolicLink(Path.Combine(Destination, "dir"), outside);
        System.IO.File.CreateSymbolicLink(Path.Combine(Destination, "file"), Path.Combine(outside, "made"));
        var root = await DirectoryAsync(
            "", 0x1ed, await DirectoryAsync("dir", 0x1ed, File("in", BlockRef.Literal("x"u8))), File("file", BlockRef.Literal("y"u8)));

        var refused = await ExportAsync(root);
        Assert.Equal([ExportIssueKind.Exists, ExportIssueKind.Exists], refused.Issues.Select(issue => issue.Kind));
        Assert.Empty(Directory.EnumerateFileSystemEntries(outside));
        Assert.True(Status("dir").IsSymlink);

        var replaced = await ExportAsync(root, options: new ExportOptions { Overwrite = true });
        Assert.Empty(replaced.Issues);
        Assert.Empty(Directory.EnumerateFileSystemEntries(outside));
        Assert.True(Status("dir").IsDirectory);
        Assert.True(Status("file").IsRegular);
    }

    [Fact]
    public async Task What_is_there_stays_unless_it_may_be_overwritten()
    {
        Directory.CreateDirectory(Destination);
        await System.IO.File.WriteAllTextAsync(Path.Combine(Destination, "file"), "mine");
        var root = await DirectoryAsync("", 0x1ed, File("file", BlockRef.Literal("theirs"u8)), File("new", BlockRef.Literal("n"u8)));

        Assert.Equal(ExportIssueKind.Exists, Assert.Single((await ExportAsync(root)).Issues).Kind);
        Assert.Equal("mine", await System.IO.File.ReadAllTextAsync(Path.Combine(Destination, "file")));
        Assert.Equal("n", await System.IO.File.ReadAllTextAsync(Path.Combine(Destination, "new")));

        Assert.Empty((await ExportAsync(root, options: new ExportOptions { Overwrite = true })).Issues);
        Assert.Equal("theirs", await System.IO.File.ReadAllTextAsync(Path.Combine(Destination, "file")));
        Assert.Equal(["file", "new"], Directory.EnumerateFileSystemEntries(Destination).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task A_missing_block_costs_its_file_only()
    {
        var good = new byte[100_000];
        new Random(1).NextBytes(good);
        var missing = BlockRef.Direct(_store.Hasher.Hash("never stored"u8), 12);
        var root = await DirectoryAsync("", 0x1ed, File("a", missing), File("b", await ContentAsync(good)));

        var result = await ExportAsync(root);

        var issue = Assert.Single(result.Issues);
        Assert.Equal((ExportIssueKind.Damaged, "a"), (issue.Kind, Encoding.UTF8.GetString(issue.Path.Span)));
        Assert.IsType<BlockMissingException>(issue.Cause);
        Assert.Equal(good, await System.IO.File.ReadAllBytesAsync(Path.Combine(Destination, "b")));
        Assert.Equal(["b"], Directory.EnumerateFileSystemEntries(Destination).Select(Path.GetFileName));
    }

    static Dirent File(string name, BlockRef content, uint mode = 0x1a4) =>
        new() { Kind = DirentKind.File, Name = Encoding.UTF8.GetBytes(name), Content = content, Metadata = Meta(mode) };

    static Metadata Meta(uint mode) =>
        new() { Mode = mode, Uid = Ownership.EffectiveUser, Gid = Ownership.EffectiveGroup, ModificationTime = Time };

    Statx Status(string name) => PosixFile.Lstat(name.Length == 0 ? Destination : Path.Combine(Destination, name));

    async Task<Dirent> DirectoryAsync(string name, uint mode, params Dirent[] entries)
    {
        var made = await DirectoryBuilder.BuildAsync(_batch, entries);
        return new Dirent { Kind = DirentKind.Directory, Name = Encoding.UTF8.GetBytes(name), Content = made.Content, Metadata = Meta(mode) };
    }

    async Task<BlockRef> ContentAsync(byte[] bytes)
    {
        await using var writer = new BlockTreeWriter(_store, new Chunker(_store.Chunking));
        await writer.WriteAsync(bytes);
        return await writer.CompleteAsync();
    }

    async Task<ExportResult> ExportAsync(Dirent root, BlockRef inodes = default, ExportOptions? options = null)
    {
        await _batch.DrainAsync();
        return await new Exporter(_store).ExportAsync(root, inodes, Destination, options);
    }
}
