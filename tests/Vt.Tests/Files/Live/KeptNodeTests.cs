using Vt.Files.Inodes;
using Vt.Posix;

namespace Vt.Tests.Files.Live;

/// <summary>Nodes that somebody comes back to by their number, after all lookups of them were given back: open_by_handle_at(2), NFS.</summary>
public sealed class KeptNodeTests
{
    static readonly byte[] Itself = LiveBed.Bytes(".");
    static readonly byte[] Above = LiveBed.Bytes("..");

    [Fact]
    public async Task A_forgotten_node_is_found_by_its_number_wherever_it_stands_now()
    {
        await using var bed = new LiveBed();
        await bed.OpenAsync();
        var folder = await bed.MkdirAsync("folder");
        var inner = await bed.MkdirAsync("inner", folder);
        var file = await bed.WriteAsync("file", LiveBed.Bytes("content"), inner);
        var moved = await bed.WriteAsync("moved", LiveBed.Bytes("other"), folder);
        var linked = await bed.MakeAsync("linked", folder);
        Assert.Equal(linked, LiveBed.Value(await bed.Files.LinkAsync(linked, NodeId.Root, LiveBed.Bytes("second"))).Node);
        await bed.CloseAsync();

        await bed.OpenAsync();
        Assert.Equal(1, bed.Files.InodesInMemory);
        await CheckAsync(bed, file, 7);
        await CheckAsync(bed, moved, 5);
        await CheckAsync(bed, linked, 0);
        Assert.Equal(1, bed.Files.InodesInMemory);

        await bed.RenameAsync("folder", "elsewhere");
        await bed.RenameAsync("moved", "moved2", await bed.FindAsync("elsewhere"));
        await bed.UnlinkAsync("linked", await bed.FindAsync("elsewhere"));
        await CheckAsync(bed, file, 7);
        await CheckAsync(bed, moved, 5);
        await bed.CloseAsync();

        await bed.OpenAsync();
        await CheckAsync(bed, file, 7);
        await CheckAsync(bed, moved, 5);
        await CheckAsync(bed, linked, 0);
        Assert.Equal(1, bed.Files.InodesInMemory);
    }

    [Fact]
    public async Task A_node_without_a_name_is_not_found_while_word_of_its_forgetting_is_on_the_way()
    {
        await using var bed = new LiveBed();
        await bed.OpenAsync();
        var file = await bed.WriteAsync("file", LiveBed.Bytes("content"));
        var folder = await bed.MkdirAsync("folder");
        await bed.UnlinkAsync("file");
        Assert.Equal(Errno.OK, await bed.Files.RmdirAsync(NodeId.Root, LiveBed.Bytes("folder")));
        foreach (var node in new[] { file, folder })
        {
            Assert.Equal(Errno.ENOENT, (await bed.Files.LookupAsync(node, Itself)).Error);
            Assert.Equal(Errno.ENOENT, (await bed.Files.LookupAsync(node, Above)).Error);
            bed.Files.Forget(node, 1);
        }

        Assert.Equal(1, bed.Files.InodesInMemory);
    }

    [Fact]
    public async Task A_node_that_is_gone_is_not_found_and_a_new_one_under_its_name_is_another()
    {
        await using var bed = new LiveBed();
        await bed.OpenAsync();
        var folder = await bed.MkdirAsync("folder");
        var file = await bed.MakeAsync("file", folder);
        await bed.CloseAsync();

        await bed.OpenAsync();
        folder = await bed.FindAsync("folder");
        await bed.UnlinkAsync("file", folder);
        Assert.Equal(Errno.ENOENT, (await bed.Files.LookupAsync(file, Itself)).Error);
        var next = await bed.MakeAsync("file", folder);
        Assert.NotEqual(file, next);
        Assert.Equal(Errno.ENOENT, (await bed.Files.LookupAsync(file, Itself)).Error);
        Assert.Equal(Errno.ENOENT, (await bed.Files.LookupAsync(new NodeId(12345), Itself)).Error);
    }

    [Fact]
    public async Task The_directory_above_is_found_from_below()
    {
        await using var bed = new LiveBed();
        await bed.OpenAsync();
        var folder = await bed.MkdirAsync("folder");
        var inner = await bed.MkdirAsync("inner", folder);
        await bed.CloseAsync();

        await bed.OpenAsync();
        Assert.Equal(folder, LiveBed.Value(await bed.Files.LookupAsync(inner, Above)).Node);
        Assert.Equal(NodeId.Root, LiveBed.Value(await bed.Files.LookupAsync(folder, Above)).Node);
        Assert.Equal(NodeId.Root, LiveBed.Value(await bed.Files.LookupAsync(NodeId.Root, Above)).Node);
        bed.Files.Forget(folder, 1);
        Assert.Equal(1, bed.Files.InodesInMemory);
    }

    static async Task CheckAsync(LiveBed bed, NodeId node, long size)
    {
        var found = LiveBed.Value(await bed.Files.LookupAsync(node, Itself));
        Assert.Equal(node, found.Node);
        Assert.Equal(node.Value, found.Attributes.Number);
        Assert.Equal(size, found.Attributes.Size);
        bed.Files.Forget(node, 1);
    }
}
