using System.Text;
using Vt.Blocks.BlockTree;
using Vt.Blocks.Chunking;
using Vt.Stores.Memory;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Tests.Commands;

/// <summary>A small tree in a memory store: files, a folder, a symbolic link, a device, two hard links, an odd name.</summary>
static class StoredTree
{
    public static readonly Guid Linked = new("11111111-2222-3333-4444-555555555555");

    public static readonly byte[] OddName = [(byte)'o', 0xe9, (byte)'\n', (byte)'d'];

    /// <summary>Stores the tree.</summary>
    /// <param name="store">Where.</param>
    /// <param name="note">The content of <c>notes.txt</c>.</param>
    /// <returns>The root.</returns>
    public static async Task<Dirent> StoreAsync(MemoryStore store, string note)
    {
        using var batch = new TreeBatch(store);
        var below = await DirectoryBuilder.BuildAsync(batch, [File("deep"u8, Big(), store)]);
        var inode = File([], "shared"u8, store) with { Uuid = Linked };
        var linked = inode with { Metadata = inode.Metadata with { LinkCount = 2 } };
        var inodes = await DirectoryBuilder.BuildAsync(batch, [linked], DirectoryOrder.Uuids);
        var top = await DirectoryBuilder.BuildAsync(
            batch,
            [
                new Dirent { Kind = DirentKind.Indirect, Name = "hard1"u8.ToArray(), Uuid = Linked },
                new Dirent { Kind = DirentKind.Indirect, Name = "hard2"u8.ToArray(), Uuid = Linked },
                new Dirent { Kind = DirentKind.Symlink, Name = "link"u8.ToArray(), Content = BlockRef.Literal("notes.txt"u8), Metadata = Meta(0x1ff) },
                File("notes.txt"u8, Encoding.UTF8.GetBytes(note), store),
                new Dirent { Kind = DirentKind.CharacterDevice, Name = "null"u8.ToArray(), Metadata = Meta(0x1b6) with { Device = new DeviceId(1, 3) } },
                File(OddName, "odd"u8, store),
                new Dirent { Kind = DirentKind.Directory, Name = "sub"u8.ToArray(), Content = below.Content, Metadata = Meta(0x5ed) },
            ]);
        await batch.DrainAsync();
        return new Dirent { Kind = DirentKind.Directory, Content = top.Content, Inodes = inodes.Content, Metadata = Meta(0x1ed) };
    }

    public static byte[] Big()
    {
        var bytes = new byte[700_000];
        new Random(7).NextBytes(bytes);
        return bytes;
    }

    static Metadata Meta(uint mode) => new()
    {
        Mode = mode,
        Uid = 1000,
        UserName = "ann"u8.ToArray(),
        Gid = 50,
        ModificationTime = new Timestamp(1_700_000_000, 123_456_789),
    };

    static Dirent File(ReadOnlySpan<byte> name, ReadOnlySpan<byte> content, MemoryStore store)
    {
        var (bytes, file) = (content.ToArray(), new Dirent { Kind = DirentKind.File, Name = name.ToArray(), Metadata = Meta(0x1a4) });
        return file with { Content = WriteAsync(store, bytes).AsTask().GetAwaiter().GetResult() };
    }

    static async ValueTask<BlockRef> WriteAsync(MemoryStore store, byte[] bytes)
    {
        await using var writer = new BlockTreeWriter(store, new Chunker(store.Chunking));
        await writer.WriteAsync(bytes);
        return await writer.CompleteAsync();
    }
}
