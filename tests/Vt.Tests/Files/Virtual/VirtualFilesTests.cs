using System.Text;
using Vt.Files;
using Vt.Files.Inodes;
using Vt.Posix;
using Vt.Tests.Files.Live;
using Vt.Tests.Support;

namespace Vt.Tests.Files.Virtual;

public sealed class VirtualFilesTests
{
    static readonly byte[] Tar = ".vt-archive.tar"u8.ToArray();

    [Fact]
    public async Task A_stored_tree_has_one_in_every_folder_and_forgets_it()
    {
        await using var mounted = new MountedFiles();
        new TreeGenerator(5, 0.1).Make(mounted.Source);
        await mounted.MountAsync();
        var files = mounted.Files;
        var folder = Need(await files.LookupAsync(NodeId.Root, "many"u8.ToArray()));
        Assert.Equal(Errno.ENOENT, (await files.LookupAsync(NodeId.Root, Tar)).Error);
        Assert.True(files.IsVirtualName(Tar));
        Assert.False(files.IsVirtualName(".vt-archive.zip"u8));
        var whole = Need(await files.LookupVirtualAsync(NodeId.Root, Tar));
        var part = Need(await files.LookupVirtualAsync(folder.Node, Tar));
        Assert.Equal(whole.Node, Need(await files.LookupVirtualAsync(NodeId.Root, Tar)).Node);
        Assert.NotEqual(whole.Node, part.Node);
        Assert.Equal(2, files.VirtualInUse);
        Assert.Equal(ModeBits.S_IFREG | 0x100u, whole.Attributes.Mode);
        Assert.True(part.Attributes.Size < whole.Attributes.Size);
        Assert.Equal(whole.Attributes, Need(await files.GetattrAsync(whole.Node)));
        var bytes = await ReadAsync(files.ReadAsync, whole);
        Assert.Equal(whole.Attributes.Size, bytes.Length);
        Assert.Contains("ustar", Encoding.Latin1.GetString(bytes, 0, 2000), StringComparison.Ordinal);

        files.Forget(whole.Node, 1);
        Assert.Equal(2, files.VirtualInUse);
        files.Forget(whole.Node, 1);
        files.Forget(part.Node, 1);
        Assert.Equal(0, files.VirtualInUse);
        Assert.Equal(Errno.ESTALE, (await files.GetattrAsync(whole.Node)).Error);
        Assert.Equal(Errno.ESTALE, (await files.ReadAsync(whole.Node, 0, new byte[10])).Error);
    }

    [Fact]
    public async Task Many_that_are_known_are_read_again_when_their_contents_have_gone()
    {
        await using var mounted = new MountedFiles();
        for (var i = 0; i < 30; i++)
        {
            Directory.CreateDirectory(Path.Combine(mounted.Source, $"d{i}"));
            File.WriteAllText(Path.Combine(mounted.Source, $"d{i}", "file"), new string((char)('a' + (i % 20)), 100 + i));
        }

        await mounted.MountAsync();
        var found = new List<FoundNode>();
        for (var i = 0; i < 30; i++)
        {
            var folder = Need(await mounted.Files.LookupAsync(NodeId.Root, Encoding.ASCII.GetBytes($"d{i}")));
            found.Add(Need(await mounted.Files.LookupVirtualAsync(folder.Node, Tar)));
        }

        for (var i = 0; i < 30; i++)
            Assert.Contains(new string((char)('a' + (i % 20)), 100 + i), Encoding.Latin1.GetString(await ReadAsync(mounted.Files.ReadAsync, found[i])), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_live_tree_has_what_was_there_when_it_was_looked_up()
    {
        await using var live = await LiveFiles.OpenAsync();
        await live.MkdirAsync("d");
        var node = await live.MakeAsync("d/file");
        await live.Files.WriteAsync(node, 0, "first"u8.ToArray());
        var folder = await live.NodeAsync("d");
        var before = Need(await live.Files.LookupVirtualAsync(folder, Tar));
        await live.Files.WriteAsync(node, 0, "later"u8.ToArray());
        var after = Need(await live.Files.LookupVirtualAsync(folder, Tar));
        Assert.NotEqual(before.Node, after.Node);
        Assert.Contains("first", Encoding.Latin1.GetString(await ReadAsync(live.Files.ReadAsync, before)), StringComparison.Ordinal);
        Assert.Contains("later", Encoding.Latin1.GetString(await ReadAsync(live.Files.ReadAsync, after)), StringComparison.Ordinal);
        Assert.Equal(after.Node, Need(await live.Files.LookupVirtualAsync(folder, Tar)).Node);

        // A handle that somebody kept leads to it for as long as it is known.
        Assert.Equal(before.Node, Need(await live.Files.LookupAsync(before.Node, "."u8.ToArray())).Node);
        live.Files.Forget(before.Node, 2);
        live.Files.Forget(after.Node, 2);
        Assert.Equal(0, live.Files.VirtualInUse);
        Assert.Equal(Errno.ENOENT, (await live.Files.LookupAsync(before.Node, "."u8.ToArray())).Error);
    }

    [Fact]
    public async Task Archives_under_writes_each_are_one_instant()
    {
        await using var live = await LiveFiles.OpenAsync();
        var nodes = new List<NodeId>();
        for (var i = 0; i < 4; i++)
            nodes.Add(await live.MakeAsync($"f{i}"));
        using var stop = new CancellationTokenSource();
        var writer = Task.Run(async () =>
        {
            // Each file gets the next number after the one before it, so that no instant has them otherwise.
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                foreach (var node in nodes)
                    await live.Files.WriteAsync(node, 0, Encoding.ASCII.GetBytes($"{i:00000000}"));
            }
        });
        for (var round = 0; round < 20; round++)
        {
            var found = Need(await live.Files.LookupVirtualAsync(NodeId.Root, Tar));
            using var reader = new System.Formats.Tar.TarReader(new MemoryStream(await ReadAsync(live.Files.ReadAsync, found)));
            var numbers = new List<int>();
            while (await reader.GetNextEntryAsync() is { } entry)
            {
                if (entry.DataStream is { } data)
                    numbers.Add(int.Parse(await new StreamReader(data).ReadToEndAsync()));
            }

            live.Files.Forget(found.Node, 1);
            Assert.InRange(numbers.Count, 0, 4);
            Assert.Equal(numbers.OrderDescending(), numbers);
            Assert.InRange(numbers.Count == 0 ? 0 : numbers[0] - numbers[^1], 0, 1);
        }

        await stop.CancelAsync();
        await writer;
    }

    static T Need<T>(Outcome<T> outcome)
    {
        Assert.Equal(Errno.OK, outcome.Error);
        return outcome.Value;
    }

    static async Task<byte[]> ReadAsync(Func<NodeId, long, Memory<byte>, CancellationToken, ValueTask<Outcome<int>>> read, FoundNode file)
    {
        var all = new MemoryStream();
        var piece = new byte[128 << 10];
        while (Need(await read(file.Node, all.Length, piece, CancellationToken.None)) is var count and > 0)
            all.Write(piece, 0, count);
        return all.ToArray();
    }
}
