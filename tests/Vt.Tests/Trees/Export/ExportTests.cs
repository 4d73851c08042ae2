using System.Text;
using Vt.Blocks.BlockTree;
using Vt.Blocks.Chunking;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Posix;
using Vt.Stores.Memory;
using Vt.Tests.Support;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Export;
using Vt.Trees.Import;
using Vt.Trees.Meta;

namespace Vt.Tests.Trees.Export;

public sealed class ExportTests : IDisposable
{
    static readonly Timestamp Time = new(1_000_000_007, 123_456_789);

    // In memory: every export syncs the file system.
    readonly TempFolder _temporary = new(inMemory: true);
    readonly MemoryStore _store = new();
    readonly TreeBatch _batch;

    public ExportTests() => _batch = new TreeBatch(_store);

    string Root => _temporary.Path;

    string Destination => Path.Combine(Root, "out");

    public void Dispose()
    {
        _batch.Dispose();
        _temporary.Dispose();
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
        var sub = await DirectoryAsync("sub", 0x1ed, Indirect("a", uuid), Indirect("b", uuid));
        var many = Enumerable.Range(0, 1500).Select(i => Indirect($"n{i}", uuid)).ToArray();
        var root = await DirectoryAsync("", 0x1ed, [sub, .. many]);

        Assert.Empty((await ExportAsync(root, table.Content)).Issues);
        Assert.Equal(1502u, Status("sub/a").Links);
        Assert.Equal(Status("sub/b").Inode, Status("n77").Inode);
    }

    [Fact]
    public async Task A_link_in_the_way_is_never_followed()
    {
        var outside = Path.Combine(Root, "outside");
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

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    public async Task A_tree_with_everything_awkward_is_the_same_after_import_and_export(int seed)
    {
        var source = _temporary.Make("source");
        new TreeGenerator(seed, 0.2).Make(source);
        var imported = await new Importer(_store).ImportAsync(Encoding.UTF8.GetBytes(source), null, ReadOnlyMemory<byte>.Empty, new ImportOptions());

        var result = await new Exporter(_store).ExportAsync(imported.Root, imported.Root.Inodes, Destination);
        Assert.Empty(result.Issues);
        Assert.Empty(TreeComparer.Compare(source, Destination));

        // Once more, on top of what is there now.
        var again = await new Exporter(_store).ExportAsync(
            imported.Root, imported.Root.Inodes, Destination, new ExportOptions { Overwrite = true });
        Assert.Empty(again.Issues);
        Assert.Empty(TreeComparer.Compare(source, Destination));
    }

    [Fact]
    public async Task A_damaged_block_is_told_with_the_path_and_costs_its_file_only()
    {
        var bad = new byte[600_000];
        new Random(2).NextBytes(bad);
        var good = new byte[300_000];
        new Random(3).NextBytes(good);
        var uuid = Guid.NewGuid();
        var content = await ContentAsync(bad);
        var inode = new Dirent { Kind = DirentKind.File, Uuid = uuid, Content = content, Metadata = Meta(0x1a4) };
        var table = await DirectoryBuilder.BuildAsync(_batch, [inode], DirectoryOrder.Uuids);
        var sub = await DirectoryAsync("sub", 0x1ed, File("bad", content), File("good", await ContentAsync(good)), Indirect("link", uuid));
        var root = await DirectoryAsync("", 0x1ed, sub, Indirect("other", uuid));
        await _batch.DrainAsync();
        var hashes = new List<BlockHash>();
        await foreach (var leaf in new BlockTreeReader(_store, content).GetLeavesAsync(0, bad.Length))
            hashes.Add(leaf.Leaf.Hash);

        var result = await new Exporter(new RefusingStore(_store, hashes[^1])).ExportAsync(root, table.Content, Destination);

        Assert.All(result.Issues, issue => Assert.Equal(ExportIssueKind.Damaged, issue.Kind));
        Assert.Equal(["other", "sub/bad", "sub/link"], result.Issues.Select(issue => Encoding.UTF8.GetString(issue.Path.Span)).Order());
        Assert.Equal(good, await System.IO.File.ReadAllBytesAsync(Path.Combine(Destination, "sub/good")));
        Assert.Equal(["good"], Directory.EnumerateFileSystemEntries(Path.Combine(Destination, "sub")).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_cancelled_export_leaves_whole_files_only()
    {
        var random = new Random(4);
        var contents = new Dictionary<string, byte[]>();
        var files = new List<Dirent>();
        for (var i = 0; i < 40; i++)
        {
            var bytes = new byte[random.Next(1_500_000)];
            random.NextBytes(bytes);
            contents.Add($"f{i}", bytes);
            files.Add(File($"f{i}", await ContentAsync(bytes)));
        }

        var root = await DirectoryAsync("", 0x1ed, [.. files.OrderBy(file => Encoding.UTF8.GetString(file.Name.Span), StringComparer.Ordinal)]);
        await _batch.DrainAsync();
        for (var most = 1; most < 9; most += 2)
        {
            using var stop = new CancellationTokenSource();
            var left = most;
            var store = new RefusingStore(_store, default, () =>
            {
                if (Interlocked.Decrement(ref left) < 0)
                    stop.Cancel();
            });
            var options = new ExportOptions { Overwrite = true };
            await Assert.ThrowsAnyAsync<OperationCanceledException>(
                async () => await new Exporter(store).ExportAsync(root, default, Destination, options, stop.Token));
            foreach (var path in Directory.EnumerateFileSystemEntries(Destination))
                Assert.Equal(contents[Path.GetFileName(path)], await System.IO.File.ReadAllBytesAsync(path));
        }

        Assert.Empty((await ExportAsync(root, options: new ExportOptions { Overwrite = true })).Issues);
        Assert.Equal(40, Directory.EnumerateFileSystemEntries(Destination).Count());
    }

    [Theory]
    [InlineData("..")]
    [InlineData("a/")]
    [InlineData("/a")]
    [InlineData("a\0")]
    public async Task A_name_that_no_file_can_have_is_refused(string name)
    {
        // A node with a proper name, in which the bytes of another one are put afterwards.
        var proper = await DirectoryBuilder.BuildAsync(_batch, [File("QZ", BlockRef.Literal("x"u8))]);
        await _batch.DrainAsync();
        var bytes = new byte[proper.Content.Span];
        await new BlockTreeReader(_store, proper.Content).ReadAsync(0, bytes);
        var at = bytes.AsSpan().IndexOf("QZ"u8);
        Encoding.UTF8.GetBytes(name, bytes.AsSpan(at));
        Assert.True(bytes.AsSpan().IndexOf("QZ"u8) < 0);
        var root = new Dirent
        {
            Kind = DirentKind.Directory,
            Content = bytes.Length <= 128 ? BlockRef.Literal(bytes) : await ContentAsync(bytes),
            Metadata = Meta(0x1ed),
        };

        var result = await ExportAsync(root);

        Assert.Equal(ExportIssueKind.Damaged, Assert.Single(result.Issues).Kind);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Destination));
        Assert.Equal(["out"], Directory.EnumerateFileSystemEntries(Root).Select(Path.GetFileName));
    }

    [Fact]
    public async Task What_a_killed_export_left_goes_when_it_is_repeated()
    {
        Directory.CreateDirectory(Path.Combine(Destination, "sub"));
        string[] left = [".vt-export-0123456789abcdef", "sub/.vt-export-fedcba9876543210"];
        string[] mine = [".vt-export-0123456789abcdeg", ".vt-export-", "sub/.vt-export-0123456789abcdef0"];
        foreach (var name in left.Concat(mine))
            await System.IO.File.WriteAllTextAsync(Path.Combine(Destination, name), "half");
        var root = await DirectoryAsync("", 0x1ed, await DirectoryAsync("sub", 0x1ed, File("new", BlockRef.Literal("n"u8))));

        _ = await ExportAsync(root);
        Assert.All(left, name => Assert.True(System.IO.File.Exists(Path.Combine(Destination, name))));
        Assert.Empty((await ExportAsync(root, options: new ExportOptions { Overwrite = true })).Issues);
        Assert.All(left, name => Assert.False(System.IO.File.Exists(Path.Combine(Destination, name))));
        Assert.All(mine, name => Assert.True(System.IO.File.Exists(Path.Combine(Destination, name))));
        Assert.Equal("n", await System.IO.File.ReadAllTextAsync(Path.Combine(Destination, "sub/new")));
    }

    [Fact]
    public async Task An_export_that_may_overwrite_has_its_destination_for_itself()
    {
        Directory.CreateDirectory(Destination);
        var root = await DirectoryAsync("", 0x1ed, File("file", BlockRef.Literal("x"u8)));
        using var other = PosixFile.Open(Destination, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
        Assert.True(Locks.Flock(other, LockKind.Shared, wait: false));

        await Assert.ThrowsAsync<UserErrorException>(() => ExportAsync(root, options: new ExportOptions { Overwrite = true }));
        Assert.Empty((await ExportAsync(root)).Issues);
    }

    [Fact]
    public async Task A_tree_that_is_deeper_than_any_path_may_be_comes_back()
    {
        const int Depth = 1500;
        var uuid = Guid.NewGuid();
        var inode = new Dirent { Kind = DirentKind.File, Uuid = uuid, Content = BlockRef.Literal("deep"u8), Metadata = Meta(0x1a4) };
        var table = await DirectoryBuilder.BuildAsync(_batch, [inode], DirectoryOrder.Uuids);
        var at = await DirectoryAsync("level-0000", 0x16d, Indirect("bottom", uuid));
        for (var i = 1; i < Depth; i++)
            at = await DirectoryAsync($"level-{i:0000}", 0x16d, at, Indirect("zlink", uuid));

        Assert.Empty((await ExportAsync(await DirectoryAsync("", 0x1ed, at), table.Content)).Issues);

        var folder = PosixFile.Open(Destination, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
        for (var i = Depth - 1; i >= 0; i--)
        {
            var inner = PosixFile.OpenAt(folder, Encoding.UTF8.GetBytes($"level-{i:0000}"), OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
            folder.Dispose();
            folder = inner;
            var status = PosixFile.Fstat(folder);
            Assert.Equal((0x16du, Time.Seconds), (status.Permissions, status.ModificationTime.Seconds));
        }

        using (folder)
        {
            Assert.Equal(Errno.OK, PosixFile.TryStatAt(folder, "bottom"u8, follow: false, out var bottom));
            Assert.Equal((uint)Depth, bottom.Links);
        }
    }

    [RootFact]
    public async Task Owners_go_by_name_where_the_system_knows_it_unless_numbers_are_asked_for()
    {
        var named = Meta(0x9ed) with { Uid = 4321, Gid = 4322, UserName = "root"u8.ToArray(), GroupName = "no-such-group-here"u8.ToArray() };
        var root = await DirectoryAsync("", 0x1ed, File("file", BlockRef.Literal("x"u8)) with { Metadata = named });

        Assert.Empty((await ExportAsync(root)).Issues);
        var status = Status("file");
        Assert.Equal((0u, 4322u, 0x9edu), (status.Uid, status.Gid, status.Permissions));
        Assert.Empty((await ExportAsync(root, options: new ExportOptions { Overwrite = true, NumericOwner = true })).Issues);
        Assert.Equal((4321u, 4322u), (Status("file").Uid, Status("file").Gid));
    }

    [Fact]
    public async Task The_access_list_that_a_folder_gives_on_is_not_taken()
    {
        // acl(5) as the kernel has it: u::rwx u:1000:r-x g::r-x m::r-x o::---
        byte[] list =
        [
            2, 0, 0, 0, 1, 0, 7, 0, 255, 255, 255, 255, 2, 0, 5, 0, 232, 3, 0, 0, 4, 0, 5, 0, 255, 255, 255, 255,
            16, 0, 5, 0, 255, 255, 255, 255, 32, 0, 0, 0, 255, 255, 255, 255,
        ];
        Directory.CreateDirectory(Destination);
        using var folder = PosixFile.Open(Destination, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
        if (Xattrs.TrySet(folder, "system.posix_acl_default"u8, list) == Errno.EOPNOTSUPP)
            return;
        await System.IO.File.WriteAllTextAsync(Path.Combine(Destination, "mine"), "so that it is not empty");
        var root = await DirectoryAsync(
            "",
            0x1ed,
            File("file", BlockRef.Literal("x"u8)),
            new Dirent { Kind = DirentKind.Fifo, Name = "fifo"u8.ToArray(), Metadata = Meta(0x1a4) },
            await DirectoryAsync("sub", 0x1ed, File("inner", BlockRef.Literal("y"u8))));

        Assert.Empty((await ExportAsync(root)).Issues);

        foreach (var name in new[] { "file", "fifo", "sub", "sub/inner" })
            Assert.Empty(Xattrs.LList(Encoding.UTF8.GetBytes(Path.Combine(Destination, name))));
        Assert.NotNull(Xattrs.Get(folder, "system.posix_acl_default"u8));
    }

    [Fact]
    public async Task Metadata_goes_to_what_was_made_and_not_to_what_somebody_put_in_its_place()
    {
        Directory.CreateDirectory(Destination);
        var victim = Path.Combine(Root, "victim");
        await System.IO.File.WriteAllTextAsync(victim, "mine");
        var before = PosixFile.Lstat(victim);
        System.IO.File.CreateSymbolicLink(Path.Combine(Destination, "link"), victim);
        await System.IO.File.WriteAllTextAsync(Path.Combine(Destination, "file"), "");
        using var session = new ExportSession(_store, new DirectoryNodeCache(), new ExportOptions());
        using var folder = PosixFile.Open(Destination, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
        var directory = new ExportDirectory(session, null, default, null, null);
        foreach (var name in (string[])["link", "file"])
        {
            var dirent = new Dirent { Kind = DirentKind.Fifo, Name = Encoding.UTF8.GetBytes(name), Metadata = Meta(0x1ff) };
            var refused = Assert.Throws<PosixException>(
                () => session.Metadata.RestoreSpecial(new ExportJob(directory, dirent.Name, dirent, null), folder, ModeBits.S_IFIFO, 0));
            Assert.Equal(Errno.ESTALE, refused.Error);
            Assert.NotEqual(0x1ffu, Status("file").Permissions);
            Assert.Equal(before.Permissions, PosixFile.Lstat(victim).Permissions);
            Assert.Equal(before.ModificationTime.TotalNanoseconds, PosixFile.Lstat(victim).ModificationTime.TotalNanoseconds);
        }
    }

    [Fact]
    public void Calls_through_a_descriptor_reach_what_it_was_opened_for_whatever_its_name_is_now()
    {
        Directory.CreateDirectory(Destination);
        var victim = Path.Combine(Root, "victim");
        System.IO.File.WriteAllText(victim, "mine");
        using var folder = PosixFile.Open(Destination, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
        Assert.Equal(Errno.OK, PosixFile.TryMknodAt(folder, "fifo"u8, ModeBits.S_IFIFO | 0x180, 0));
        using var fifo = PosixFile.OpenAt(folder, "fifo"u8, OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW);
        System.IO.File.Move(Path.Combine(Destination, "fifo"), Path.Combine(Destination, "moved"));
        System.IO.File.CreateSymbolicLink(Path.Combine(Destination, "fifo"), victim);
        var before = PosixFile.Lstat(victim);

        Assert.Equal(Errno.OK, Ownership.TryChmodPath(fifo, 0x1ff));
        Assert.Equal(Errno.OK, Ownership.TryChownPath(fifo, Ownership.EffectiveUser, Ownership.EffectiveGroup));
        Assert.Equal(Errno.OK, Times.TrySetPath(fifo, TimeSetting.Omit, TimeSetting.At(Time.Seconds, Time.Nanoseconds)));
        using var link = PosixFile.OpenAt(folder, "fifo"u8, OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW);
        Assert.Equal(Errno.OK, Times.TrySetPath(link, TimeSetting.Omit, TimeSetting.At(Time.Seconds, Time.Nanoseconds)));

        Assert.Equal(0x1ffu, Status("moved").Permissions);
        Assert.Equal(Time.Seconds, Status("moved").ModificationTime.Seconds);
        Assert.Equal(Time.Seconds, Status("fifo").ModificationTime.Seconds);
        Assert.Equal(before.Permissions, PosixFile.Lstat(victim).Permissions);
        Assert.Equal(before.ModificationTime.TotalNanoseconds, PosixFile.Lstat(victim).ModificationTime.TotalNanoseconds);
    }

    [Fact]
    public async Task Nothing_replaces_a_folder_by_a_file()
    {
        Directory.CreateDirectory(Path.Combine(Destination, "file"));
        var root = await DirectoryAsync("", 0x1ed, File("file", BlockRef.Literal("x"u8)), File("next", BlockRef.Literal("y"u8)));

        var result = await ExportAsync(root, options: new ExportOptions { Overwrite = true });

        Assert.Equal(ExportIssueKind.NotMade, Assert.Single(result.Issues).Kind);
        Assert.Equal(["file", "next"], Directory.EnumerateFileSystemEntries(Destination).Select(Path.GetFileName).Order());
    }

    static Dirent Indirect(string name, Guid uuid) => new() { Kind = DirentKind.Indirect, Name = Encoding.UTF8.GetBytes(name), Uuid = uuid };

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
