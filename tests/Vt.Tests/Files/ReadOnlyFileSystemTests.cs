using System.Globalization;
using System.Text;
using Vt.Blocks.BlockTree;
using Vt.Files;
using Vt.Files.Inodes;
using Vt.Posix;
using Vt.Trees.Dirents;

namespace Vt.Tests.Files;

public sealed class ReadOnlyFileSystemTests : IAsyncDisposable
{
    readonly MountedFiles _tree = new();

    public ValueTask DisposeAsync() => _tree.DisposeAsync();

    [Theory]
    [InlineData("gone", Errno.ENOENT)]
    [InlineData("fil", Errno.ENOENT)]
    [InlineData("file0", Errno.ENOENT)]
    [InlineData("", Errno.ENOENT)]
    [InlineData("...", Errno.ENOENT)]
    [InlineData("folder/gone", Errno.ENOENT)]
    [InlineData("empty/gone", Errno.ENOENT)]
    [InlineData("file/below", Errno.ENOTDIR)]
    public async Task A_name_that_is_not_there_is_not_found(string path, Errno error)
    {
        _tree.Write("file", [1]);
        _tree.Write("folder/inside", [1]);
        Directory.CreateDirectory(Path.Combine(_tree.Source, "empty"));
        await _tree.MountAsync();
        Assert.Equal(error, (await _tree.FindAsync(path)).Error);
        Assert.Empty(_tree.Log);
    }

    [Fact]
    public async Task A_listing_goes_on_from_every_position()
    {
        var names = Enumerable.Range(0, 700).Select(i => $"entry-{i:d5}").ToList();
        foreach (var name in names)
            _tree.Write(name, []);
        await _tree.MountAsync();
        for (var position = 0; position < names.Count; position++)
        {
            var listed = (await _tree.Files.ListAsync(NodeId.Root, position, 1, withNodes: position % 2 == 0)).Value![0];
            Assert.Equal(position, listed.Position);
            Assert.Equal(names[position], Encoding.UTF8.GetString(listed.NameAt(0)));
            Assert.Equal(position % 2 == 0, listed.CanEnter(0));
        }

        foreach (var behind in new long[] { names.Count, names.Count + 1, int.MaxValue, long.MaxValue - 2 })
            Assert.Empty((await _tree.Files.ListAsync(NodeId.Root, behind, 1, withNodes: true)).Value!);
    }

    [Fact]
    public async Task Listing_a_file_is_an_error()
    {
        _tree.Write("file", [1]);
        await _tree.MountAsync();
        Assert.Equal(Errno.ENOTDIR, (await _tree.Files.ListAsync((await _tree.NodeAsync("file")).Node, 0, 1, withNodes: false)).Error);
        Assert.Equal(Errno.EISDIR, (await _tree.ReadAsync(NodeId.Root, 0, 1)).Error);
        Assert.Equal(Errno.EINVAL, (await _tree.Files.ReadlinkAsync((await _tree.NodeAsync("file")).Node)).Error);
    }

    [Fact]
    public async Task Reads_end_where_the_file_does()
    {
        foreach (var length in new[] { 0, 1, 128, 129, 70_000, 1_500_000 })
        {
            var content = new byte[length];
            new Random(length).NextBytes(content);
            _tree.Write(length.ToString(CultureInfo.InvariantCulture), content);
        }

        await _tree.MountAsync();
        foreach (var length in new[] { 0, 1, 128, 129, 70_000, 1_500_000 })
        {
            var node = (await _tree.NodeAsync(length.ToString(CultureInfo.InvariantCulture))).Node;
            foreach (var (from, wanted) in new (long, int)[] { (length, 10), (length + 1L, 10), (long.MaxValue - 10, 10), (length - 1L, 10), (0, length + 10) })
            {
                var (error, bytes) = await _tree.ReadAsync(node, Math.Max(0, from), wanted);
                Assert.Equal(Errno.OK, error);
                Assert.Equal(Math.Clamp(length - Math.Max(0, from), 0, wanted), bytes.Length);
            }
        }
    }

    [Fact]
    public async Task Reads_give_the_files_bytes_across_holes_and_in_any_order()
    {
        var content = new byte[5 << 20];
        var random = new Random(11);
        foreach (var (from, length) in new[] { (0, 10), (100_000, 700_000), (3 << 20, 1 << 20), (content.Length - 5, 5) })
            random.NextBytes(content.AsSpan(from, length));
        _tree.Write("file", content);
        await _tree.MountAsync(new ReadOnlyFileSystemOptions { ReadAheadBytes = 1 << 20 });
        var node = (await _tree.NodeAsync("file")).Node;
        for (var round = 0; round < 300; round++)
        {
            var from = random.Next(content.Length);
            await CheckAsync(from, random.Next(1, 200_000));
        }

        for (var from = 0; from < content.Length; from += 130_000)
            await CheckAsync(from, 130_000);

        async Task CheckAsync(int from, int length)
        {
            var (error, bytes) = await _tree.ReadAsync(node, from, length);
            Assert.Equal(Errno.OK, error);
            Assert.True(bytes.AsSpan().SequenceEqual(content.AsSpan(from, Math.Min(length, content.Length - from))), $"{length} bytes at {from} differ");
        }
    }

    [Fact]
    public async Task Holes_are_found_and_take_no_blocks()
    {
        var content = new byte[3 << 20];
        new Random(3).NextBytes(content.AsSpan(1 << 20, 1 << 20));
        _tree.Write("mixed", content);
        _tree.Write("hole", new byte[2 << 20]);
        _tree.Write("small", content.AsSpan((1 << 20) - 8192, 8193).ToArray());
        _tree.Write("one", [1]);
        _tree.Write("none", []);
        await _tree.MountAsync();
        var mixed = await _tree.NodeAsync("mixed");
        Assert.Equal((1 << 20) / 512, mixed.Attributes.Blocks);
        Assert.Equal(0, (await _tree.NodeAsync("hole")).Attributes.Blocks);
        Assert.Equal(8, (await _tree.NodeAsync("small")).Attributes.Blocks);
        Assert.Equal(8, (await _tree.NodeAsync("one")).Attributes.Blocks);
        Assert.Equal(0, (await _tree.NodeAsync("none")).Attributes.Blocks);
        Assert.Equal(1 << 20, (await _tree.Files.LseekAsync(mixed.Node, 0, PosixFile.SEEK_DATA)).Value);
        Assert.Equal(0, (await _tree.Files.LseekAsync(mixed.Node, 0, PosixFile.SEEK_HOLE)).Value);
        Assert.Equal(2 << 20, (await _tree.Files.LseekAsync(mixed.Node, 1 << 20, PosixFile.SEEK_HOLE)).Value);
        Assert.Equal(Errno.ENXIO, (await _tree.Files.LseekAsync(mixed.Node, 2 << 20, PosixFile.SEEK_DATA)).Error);
        Assert.Equal(Errno.ENXIO, (await _tree.Files.LseekAsync(mixed.Node, 3 << 20, PosixFile.SEEK_HOLE)).Error);
        Assert.Equal(Errno.ENXIO, (await _tree.Files.LseekAsync(mixed.Node, -1, PosixFile.SEEK_DATA)).Error);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_damaged_block_is_an_error_for_its_bytes_only(bool isMissing)
    {
        var content = new byte[4 << 20];
        new Random(5).NextBytes(content);
        _tree.Write("file", content);
        _tree.Write("other", [1, 2, 3]);
        var root = await _tree.MountAsync();
        var leaves = await _tree.LeavesAsync(root, "file");
        var bad = leaves[leaves.Count / 2];
        (isMissing ? _tree.Store.Missing : _tree.Store.Damaged)[bad.Leaf.Hash] = true;
        var node = (await _tree.NodeAsync("file")).Node;
        const int page = 4096;
        for (var at = 0; at < content.Length; at += page)
        {
            var (error, bytes) = await _tree.ReadAsync(node, at, page);
            if (at + page <= bad.Offset || at >= bad.End)
                Assert.True(error == Errno.OK && bytes.AsSpan().SequenceEqual(content.AsSpan(at, page)), $"at {at}: {error}");
            else
                Assert.Equal(Errno.EIO, error);
        }

        Assert.Equal([1, 2, 3], (await _tree.ReadAsync((await _tree.NodeAsync("other")).Node, 0, 10)).Bytes);
        var line = Assert.Single(_tree.Log);
        Assert.StartsWith("file: reading ", line, StringComparison.Ordinal);
        Assert.Contains(bad.Leaf.Hash.ToString(), line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_directory_node_is_an_error_for_that_directory_only()
    {
        _tree.Write("bad/file", [1]);
        _tree.Write("good/file", [2]);
        var root = await _tree.MountAsync();
        var bad = await new Vt.Trees.Directories.DirectoryReader(_tree.Store, new Vt.Trees.Directories.DirectoryNodeCache()).LookupAsync(root.Content, "bad"u8.ToArray());
        _tree.Store.Missing[bad!.Content.Hash] = true;
        Assert.Equal(Errno.EIO, (await _tree.FindAsync("bad/file")).Error);
        Assert.Equal(Errno.EIO, (await _tree.Files.ListAsync((await _tree.NodeAsync("bad")).Node, 0, 1, withNodes: true)).Error);
        Assert.True((await _tree.FindAsync("good/file")).Succeeded);
        Assert.StartsWith("bad: ", Assert.Single(_tree.Log), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_whose_inode_is_missing_are_listed_all_the_same()
    {
        _tree.Write("first", [1]);
        PosixFile.Link(Bytes("first"), Bytes("second"));
        _tree.Write("third", [3]);
        var root = await _tree.MountAsync();
        _tree.Store.Missing[root.Inodes.Hash] = true;
        var listed = (await _tree.Files.ListAsync(NodeId.Root, 0, 1, withNodes: true)).Value![0];
        Assert.Equal(3, listed.Count);
        Assert.Equal((false, false, true), (listed.CanEnter(0), listed.CanEnter(1), listed.CanEnter(2)));
        Assert.Equal(Errno.EIO, (await _tree.FindAsync("second")).Error);
    }

    [Fact]
    public async Task Hard_links_lead_to_one_node_and_are_counted()
    {
        _tree.Write("first", [1]);
        _tree.Write("sub/other", [2]);
        _tree.Write("sub/below/deep", [2]);
        PosixFile.Link(Bytes("first"), Bytes("sub/second"));
        await _tree.MountAsync();
        var (first, second, other) = (await _tree.NodeAsync("first"), await _tree.NodeAsync("sub/second"), await _tree.NodeAsync("sub/other"));
        Assert.Equal(first, second);
        Assert.NotEqual(first.Attributes.Number, other.Attributes.Number);
        Assert.Equal((2u, 1u), (first.Attributes.Links, other.Attributes.Links));
        Assert.Equal(3u, (await _tree.NodeAsync("sub")).Attributes.Links);
        Assert.Equal(2u, (await _tree.NodeAsync("sub/below")).Attributes.Links);
        Assert.Equal(3u, (await _tree.Files.GetattrAsync(NodeId.Root)).Value.Links);
    }

    [Fact]
    public async Task Subdirectories_are_counted_after_changes_too()
    {
        _tree.Write("sub/one/file", [1]);
        _tree.Write("sub/file", [1]);
        var first = await _tree.ImportAsync();
        _tree.Write("sub/two/file", [1]);
        var second = await _tree.ImportAsync(first);
        Assert.Equal(3u, second.Metadata.LinkCount);
        _tree.Mount(second);
        Assert.Equal(4u, (await _tree.NodeAsync("sub")).Attributes.Links);
    }

    [Fact]
    public async Task Inode_numbers_are_the_same_in_every_mount_and_in_listings()
    {
        _tree.Write("sub/file", [1]);
        var root = await _tree.MountAsync();
        var number = (await _tree.NodeAsync("sub/file")).Attributes.Number;
        var sub = await _tree.NodeAsync("sub");
        Assert.Equal(number, (await _tree.Files.ListAsync(sub.Node, 0, 1, withNodes: false)).Value![0].NumberAt(0));
        Assert.Equal((sub.Attributes.Number, InodeNumbers.Root), (await _tree.Files.DotNumbersAsync(sub.Node)).Value);
        _tree.Files.Dispose();
        _tree.Mount(root);
        Assert.Equal(number, (await _tree.NodeAsync("sub/file")).Attributes.Number);
    }

    [Fact]
    public async Task Forgotten_nodes_leave_nothing_behind()
    {
        _tree.Write("a/b/c/file", [1]);
        await _tree.MountAsync();
        var nodes = new List<NodeId>();
        foreach (var path in new[] { "a", "a/b", "a/b/c", "a/b/c/file" })
            nodes.Add((await _tree.NodeAsync(path)).Node);
        Assert.Equal(4, _tree.Files.DirectoriesInUse);

        // Four walks looked "a" up four times, and so on.
        for (var depth = 0; depth < nodes.Count; depth++)
            _tree.Files.Forget(nodes[depth], (ulong)(nodes.Count - depth));
        Assert.Equal(0, _tree.Files.DirectoriesInUse);
        Assert.Equal(Errno.ESTALE, (await _tree.Files.GetattrAsync(nodes[^1])).Error);
        Assert.Equal(Errno.OK, (await _tree.Files.GetattrAsync(NodeId.Root)).Error);
    }

    [Fact]
    public async Task Control_attributes_tell_reference_and_dirent_and_are_not_listed()
    {
        _tree.Write("file", [1, 2, 3]);
        await _tree.MountAsync();
        var node = (await _tree.NodeAsync("file")).Node;
        Assert.Equal(BlockRef.Literal([1, 2, 3]).ToString(), await TextAsync("x-vt-block"));
        var dirent = Dirent.Parse(await TextAsync("x-vt-dirent"));
        Assert.Equal("file", Encoding.UTF8.GetString(dirent.Name.Span));
        Assert.Equal(Errno.ENODATA, (await _tree.Files.GetxattrAsync(node, "x-vt-other"u8.ToArray())).Error);
        Assert.Equal(Errno.ENODATA, (await _tree.Files.GetxattrAsync(node, "user.none"u8.ToArray())).Error);
        Assert.DoesNotContain("x-vt", Encoding.ASCII.GetString((await _tree.Files.ListxattrAsync(node)).Value.Span), StringComparison.Ordinal);

        async Task<string> TextAsync(string name) =>
            Encoding.ASCII.GetString((await _tree.Files.GetxattrAsync(node, Encoding.ASCII.GetBytes(name))).Value.Span);
    }

    [Fact]
    public async Task Three_dots_lead_to_the_earlier_version_at_any_depth()
    {
        _tree.Write("sub/file", "old"u8.ToArray());
        var old = await _tree.ImportAsync();
        var asked = new List<string>();
        _tree.Write("sub/file", "newer"u8.ToArray());
        await _tree.MountAsync(new ReadOnlyFileSystemOptions
        {
            Earlier = (path, _, _) =>
            {
                asked.Add(Encoding.UTF8.GetString(path.Span));
                return new ValueTask<Dirent?>(path.IsEmpty ? old : null);
            },
        });
        var earlier = await _tree.NodeAsync(".../sub/file");
        Assert.Equal("old"u8.ToArray(), (await _tree.ReadAsync(earlier.Node, 0, 10)).Bytes);
        Assert.Equal("newer"u8.ToArray(), (await _tree.ReadAsync((await _tree.NodeAsync("sub/file")).Node, 0, 10)).Bytes);
        Assert.Equal(Errno.ENOENT, (await _tree.FindAsync("sub/...")).Error);
        Assert.Equal(["", "sub"], asked);
        Assert.Equal(Errno.OK, (await _tree.Files.GetattrAsync((await _tree.NodeAsync("...")).Node)).Error);
    }

    [Fact]
    public async Task Everything_belongs_to_whom_the_options_say()
    {
        _tree.Write("file", [1]);
        await _tree.MountAsync(new ReadOnlyFileSystemOptions { Uid = 123, Gid = 456 });
        var attributes = (await _tree.NodeAsync("file")).Attributes;
        Assert.Equal((123u, 456u), (attributes.Uid, attributes.Gid));
    }

    byte[] Bytes(string name) => Encoding.UTF8.GetBytes(Path.Combine(_tree.Source, name));
}
