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
        var files = await KnowAsync(bed, file, moved, linked);
        await bed.CloseAsync();

        await bed.OpenAsync();
        Assert.Equal(1, bed.Files.InodesInMemory);
        await CheckAsync(bed, files);
        Assert.Equal(1, bed.Files.InodesInMemory);

        await bed.RenameAsync("folder", "elsewhere");
        await bed.RenameAsync("moved", "moved2", await bed.FindAsync("elsewhere"));
        await bed.UnlinkAsync("linked", await bed.FindAsync("elsewhere"));
        await CheckAsync(bed, files);
        await bed.CloseAsync();

        await bed.OpenAsync();
        await CheckAsync(bed, files);
        Assert.Equal(1, bed.Files.InodesInMemory);
    }

    [Fact]
    public async Task A_node_that_could_not_have_its_inode_number_is_found_again_too()
    {
        await using var bed = new LiveBed();
        await bed.OpenAsync();
        var folder = await bed.MkdirAsync("folder");

        // One number of 256 is of those that are kept for trees for reading.
        var files = new List<KnownNode>();
        for (var i = 0; files.Count < 3; i++)
        {
            var known = await KnowAsync(bed, await bed.MakeAsync($"{i}", folder));
            if (known[0].Node.Value == known[0].Number)
            {
                await bed.UnlinkAsync($"{i}", folder);
                continue;
            }

            await bed.RenameAsync($"{i}", $"file{files.Count}", folder, folder);
            files.AddRange(known);
        }

        LiveBed.Value(await bed.Files.LinkAsync(files[1].Node, NodeId.Root, LiveBed.Bytes("second")));
        await bed.CloseAsync();

        await bed.OpenAsync();
        await CheckAsync(bed, files);
        await bed.RenameAsync("file2", "moved", await bed.FindAsync("folder"));
        LiveBed.Value(await bed.Files.LinkAsync(files[2].Node, NodeId.Root, LiveBed.Bytes("third")));
        await bed.UnlinkAsync("moved");
        await bed.CloseAsync();

        await bed.OpenAsync();
        await CheckAsync(bed, files);
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

    static async Task<KnownNode[]> KnowAsync(LiveBed bed, params NodeId[] nodes)
    {
        var known = new KnownNode[nodes.Length];
        for (var i = 0; i < nodes.Length; i++)
        {
            var attributes = LiveBed.Value(await bed.Files.GetattrAsync(nodes[i]));
            known[i] = new KnownNode(nodes[i], attributes.Number, attributes.Size);
        }

        return known;
    }

    static async Task CheckAsync(LiveBed bed, IEnumerable<KnownNode> nodes)
    {
        foreach (var known in nodes)
        {
            var found = LiveBed.Value(await bed.Files.LookupAsync(known.Node, Itself));
            Assert.Equal(known, new KnownNode(found.Node, found.Attributes.Number, found.Attributes.Size));
            bed.Files.Forget(known.Node, 1);
        }
    }

    readonly record struct KnownNode(NodeId Node, ulong Number, long Size);
}
