using System.Text;
using Vt.Files;
using Vt.Files.Inodes;
using Vt.Posix;
using Vt.Trees.Meta;

namespace Vt.Tests.Files.Live;

/// <summary>What a crash leaves in the log is done once more: the tree is then as it was, whatever was done, and however often it crashes.</summary>
public class ReplayTests
{
    [Fact]
    public async Task Stored_names_that_were_removed_stay_removed()
    {
        await using var live = await LiveFiles.OpenAsync();
        await live.WriteAsync("file", "1");
        await live.MkdirAsync("dir");
        await live.CheckpointAsync();
        Assert.Equal(Errno.OK, await live.UnlinkAsync("file"));
        Assert.Equal(Errno.OK, await live.RmdirAsync("dir"));
        await live.CrashAsync();
        Assert.Empty(await live.ListAsync(""));
        Assert.Equal(2u, (await live.StatAsync("")).Links);
    }

    [Fact]
    public async Task A_stored_file_that_was_replaced_by_a_rename_is_gone()
    {
        await using var live = await LiveFiles.OpenAsync();
        await live.WriteAsync("target", "old");
        await live.CheckpointAsync();
        await live.WriteAsync("new", "new");
        Assert.Equal(Errno.OK, await live.RenameAsync("new", "target"));
        await CheckCrashAsync(live);
        Assert.Equal(["target"], await live.ListAsync(""));
        Assert.Equal("new", await live.ReadAsync("target"));
    }

    [Fact]
    public async Task Numbers_of_an_earlier_run_are_not_taken_for_others_in_the_next()
    {
        await using var live = await LiveFiles.OpenAsync();
        foreach (var name in new[] { "a", "b", "c" })
            await live.WriteAsync(name, name);
        await live.ReopenAsync();
        var (a, b, c) = (await live.NodeAsync("a"), await live.NodeAsync("b"), await live.NodeAsync("c"));
        foreach (var (node, text) in new[] { (c, "C"), (a, "A"), (b, "B") })
            await live.WriteAsync(node, 0, Encoding.UTF8.GetBytes(text));
        await live.CrashAsync();
        foreach (var name in new[] { "b", "c", "a" })
            await live.WriteAsync(name, name + name);
        await CheckCrashAsync(live);
        foreach (var name in new[] { "a", "b", "c" })
            Assert.Equal(name + name, await live.ReadAsync(name));
    }

    [Fact]
    public async Task A_file_whose_other_name_nobody_has_looked_up_is_written_and_linked_by_its_descriptor()
    {
        await using var live = await LiveFiles.OpenAsync();
        await live.WriteAsync("a", "1");
        Assert.Equal(Errno.OK, await live.LinkAsync("a", "b"));
        await live.ReopenAsync();
        var node = await live.NodeAsync("a");
        Assert.Equal(Errno.OK, await live.UnlinkAsync("a"));
        await live.WriteAsync(node, 0, "2"u8.ToArray());
        await live.CheckpointAsync();
        await live.WriteAsync(node, 1, "3"u8.ToArray());
        Assert.Equal(Errno.OK, (await live.Files.SetattrAsync(node, new StatusChange { Mode = 0x1ff })).Error);
        Assert.Equal(Errno.OK, await live.LinkAsync(node, "c"));
        await CheckCrashAsync(live);
        Assert.Equal("23", await live.ReadAsync("b"));
        Assert.Equal(2u, (await live.StatAsync("b")).Links);
        Assert.Equal((await live.StatAsync("b")).Number, (await live.StatAsync("c")).Number);
        await live.ReopenAsync();
        Assert.Equal("23", await live.ReadAsync("c"));
    }

    [Fact]
    public async Task Hard_links_lose_their_names_one_after_the_other()
    {
        await using var live = await LiveFiles.OpenAsync();
        await live.MkdirAsync("d");
        await live.WriteAsync("a", "1");
        Assert.Equal(Errno.OK, await live.LinkAsync("a", "d/b"));
        Assert.Equal(Errno.OK, await live.LinkAsync("a", "c"));
        await live.ReopenAsync();
        Assert.Equal(Errno.OK, await live.UnlinkAsync("a"));
        await CheckCrashAsync(live);
        Assert.Equal(2u, (await live.StatAsync("c")).Links);
        Assert.Equal(Errno.OK, await live.UnlinkAsync("d/b"));
        await live.CheckpointAsync();
        await CheckCrashAsync(live);
        Assert.Equal(1u, (await live.StatAsync("c")).Links);
        Assert.Equal(Errno.OK, await live.UnlinkAsync("c"));
        await CheckCrashAsync(live);
        await live.CheckpointAsync();
        Assert.Equal(0, live.States()[0].Root.Inodes.Span);
    }

    [Fact]
    public async Task A_file_without_a_name_gets_one()
    {
        await using var live = await LiveFiles.OpenAsync();
        var bulk = new byte[200_000];
        new Random(1).NextBytes(bulk);
        var node = (await live.Files.MakeUnnamedAsync(LiveFiles.Root, NodeId.Root, 0x180, 0)).Value.Node;
        await live.WriteAsync(node, 0, "small"u8.ToArray());
        await live.WriteAsync(node, 100_000, bulk);
        await live.CheckpointAsync();
        await live.WriteAsync(node, 5, "more"u8.ToArray());
        Assert.Equal(Errno.OK, await live.Files.SetxattrAsync(default, node, "user.x"u8.ToArray(), "y"u8.ToArray(), false, false, false));
        Assert.Equal(Errno.OK, await live.LinkAsync(node, "named"));
        await live.WriteAsync(node, 9, "!"u8.ToArray());
        await CheckCrashAsync(live);
        var read = await live.ReadAsync(await live.NodeAsync("named"));
        Assert.Equal("smallmore!", Encoding.UTF8.GetString(read[..10]));
        Assert.Equal(bulk, read[100_000..]);
        Assert.Equal("y", Encoding.UTF8.GetString((await live.GetxattrAsync("named", "user.x"))!));
        await live.ReopenAsync();
        Assert.Equal(bulk, (await live.ReadAsync(await live.NodeAsync("named")))[100_000..]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Directories_that_moved_files_that_changed_places_and_devices_come_back(bool isStored)
    {
        await using var live = await LiveFiles.OpenAsync();
        await live.MkdirAsync("d");
        await live.MkdirAsync("d/e");
        await live.WriteAsync("d/e/f", "f");
        await live.WriteAsync("file", "file");
        await live.WriteAsync("lower", "lower");
        if (isStored)
            await live.ReopenAsync();
        Assert.Equal(Errno.OK, await live.RenameAsync("d/e", "e"));
        Assert.Equal(Errno.OK, await live.RenameAsync("e", "file", RenameOptions.Exchange));
        Assert.Equal(Errno.OK, await live.RenameAsync("lower", "d/upper", RenameOptions.Whiteout));
        await live.MakeAsync("device", ModeBits.S_IFBLK | 0x1b0, new DeviceId(259, 70000));
        await live.MakeAsync("fifo", ModeBits.S_IFIFO | 0x1b0);
        await live.WriteAsync("file/f", "g");
        await CheckCrashAsync(live);
        Assert.Equal("g", await live.ReadAsync("file/f"));
        Assert.Equal("file", await live.ReadAsync("e"));
        Assert.Equal(ModeBits.S_IFCHR, (await live.StatAsync("lower")).Mode);
        Assert.Equal((259u, 70000u), ((await live.StatAsync("device")).DeviceMajor, (await live.StatAsync("device")).DeviceMinor));
        Assert.Equal(2u, (await live.StatAsync("d")).Links);
        await live.CheckpointAsync();
        await CheckCrashAsync(live);
        Assert.Equal(Errno.ENOTEMPTY, await live.RmdirAsync("file"));
    }

    [Fact]
    public async Task A_large_file_that_was_removed_is_no_hindrance()
    {
        await using var live = await LiveFiles.OpenAsync();
        await live.WriteAsync("before", "1");
        var large = await live.WriteAsync("large", new byte[3 << 20]);
        await live.Files.FsyncAsync(large);
        Assert.Equal(Errno.OK, await live.UnlinkAsync("large"));
        live.Files.Forget(large, 100);
        await live.WriteAsync("after", "2");
        await CheckCrashAsync(live);
        Assert.Equal(["after", "before"], await live.ListAsync(""));
    }

    [Fact]
    public async Task Attributes_of_every_size_come_back()
    {
        await using var live = await LiveFiles.OpenAsync();
        await live.WriteAsync("f", "f");
        await live.SetxattrAsync("f", "user.large", new byte[20_000]);
        await live.SetxattrAsync("f", "user.small", [1]);
        await live.ReopenAsync();
        await live.SetxattrAsync("f", "user.other", [2]);
        Assert.Equal(Errno.OK, await live.Files.RemovexattrAsync(await live.NodeAsync("f"), "user.small"u8.ToArray()));
        await CheckCrashAsync(live);
        Assert.Equal(20_000, (await live.GetxattrAsync("f", "user.large"))!.Length);
        Assert.Equal([2], await live.GetxattrAsync("f", "user.other"));
        Assert.Null(await live.GetxattrAsync("f", "user.small"));
    }

    [Fact]
    public async Task A_directory_deeper_than_any_stack_can_be_changed_and_stored()
    {
        const int depth = 5_000;
        await using var live = await LiveFiles.OpenAsync();
        var at = NodeId.Root;
        for (var i = 0; i < depth; i++)
            at = (await live.Files.MakeAsync(LiveFiles.Root, at, "d"u8.ToArray(), ModeBits.S_IFDIR | 0x1ed, 0)).Value.Node;
        await live.CheckpointAsync();
        Assert.True((await live.Files.MakeAsync(LiveFiles.Root, at, "f"u8.ToArray(), ModeBits.S_IFREG | 0x1a4, 0)).Succeeded);
        await live.CrashAsync();
        at = NodeId.Root;
        for (var i = 0; i < depth; i++)
            at = (await live.Files.LookupAsync(at, "d"u8.ToArray())).Value.Node;
        Assert.True((await live.Files.LookupAsync(at, "f"u8.ToArray())).Succeeded);
    }

    static async Task CheckCrashAsync(LiveFiles live)
    {
        var before = await live.DescribeAsync();
        await live.CrashAsync();
        Assert.Equal(before, await live.DescribeAsync());
        await live.CrashAsync();
        Assert.Equal(before, await live.DescribeAsync());
    }
}
