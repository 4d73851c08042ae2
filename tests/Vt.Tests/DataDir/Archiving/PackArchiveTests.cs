using System.Text;
using Vt.Blocks.Contracts;
using Vt.Stores.DataDir.Archiving;
using Vt.Stores.Memory;
using Vt.Tests.Support;
using Vt.Tests.Trees;
using Vt.Trees.Directories;
using Vt.Trees.Import;
using Vt.Trees.Packing;

namespace Vt.Tests.DataDir.Archiving;

public sealed class PackArchiveTests : IDisposable
{
    readonly TempFolder _temporary = new(inMemory: true);
    readonly MemoryStore _store = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public async Task Any_part_is_what_the_whole_has_there()
    {
        var archive = await MakeAsync();
        var whole = new byte[archive.Length];
        Assert.Equal(whole.Length, await archive.ReadAsync(0, whole));
        Assert.Equal(0, await archive.ReadAsync(whole.Length, new byte[10]));
        Samples.ForAll(random => (Offset: random.NextInt64(whole.Length + 10), Length: random.Next(random.Next(2) == 0 ? 300 : 300_000)), range =>
        {
            var part = new byte[range.Length];
            var read = archive.ReadAsync(range.Offset, part).AsTask().GetAwaiter().GetResult();
            Assert.Equal((int)Math.Min(range.Length, Math.Max(0, whole.Length - range.Offset)), read);
            Assert.True(whole.AsSpan((int)Math.Min(range.Offset, whole.Length), read).SequenceEqual(part.AsSpan(0, read)));
        });
    }

    [Fact]
    public async Task Each_block_comes_once_and_the_folder_first()
    {
        var source = _temporary.Make("source");
        new TreeGenerator(6, 0.2).Make(source);
        var root = (await new Importer(_store).ImportAsync(Encoding.UTF8.GetBytes(source), null)).Root;
        var found = await TreeBlocks.FindAsync(new DirectoryReader(_store, new DirectoryNodeCache()), root, 1_000_000);
        Assert.Equal(found.Blocks.Count, found.Blocks.Select(static block => block.Hash).Distinct().Count());
        Assert.Equal(root with { Name = default }, found.Root);
        var blocks = new BlockLease[found.Blocks.Count];
        await found.Store.GetManyAsync(found.Blocks.Select(static block => block.Hash).ToArray(), blocks);
        for (var i = 0; i < blocks.Length; i++)
            Assert.Equal((true, found.Blocks[i].Length), (blocks[i].IsPresent, blocks[i].Memory.Length));
        Assert.Equal(found.Root, Vt.Trees.Dirents.Dirent.Decode(blocks[0].Span));
        await Assert.ThrowsAsync<UserErrorException>(async () => await TreeBlocks.FindAsync(new DirectoryReader(_store, new DirectoryNodeCache()), root, 20));
    }

    [Fact]
    public async Task A_block_that_is_missing_or_another_is_an_error()
    {
        var block = new byte[1000];
        var hash = _store.Hasher.Hash(block);
        var archive = PackArchive.Create(_store, [new PackedBlock(hash, 1000, BlockContent.Data)]);
        await Assert.ThrowsAsync<BlockMissingException>(async () => await archive.ReadAsync(0, new byte[archive.Length]));
        await _store.AddManyAsync(block, new[] { new BlockSlot(hash, 0, 1000) });
        Assert.Equal((int)archive.Length, await archive.ReadAsync(0, new byte[archive.Length]));
        var wrong = PackArchive.Create(_store, [new PackedBlock(hash, 999, BlockContent.Data)]);
        await Assert.ThrowsAsync<BlockCorruptException>(async () => await wrong.ReadAsync(0, new byte[wrong.Length]));
    }

    async Task<PackArchive> MakeAsync()
    {
        var source = _temporary.Make("source");
        new TreeGenerator(7, 0.2).Make(source);
        var root = (await new Importer(_store).ImportAsync(Encoding.UTF8.GetBytes(source), null)).Root;
        var found = await TreeBlocks.FindAsync(new DirectoryReader(_store, new DirectoryNodeCache()), root, 1_000_000);
        return PackArchive.Create(found.Store, found.Blocks);
    }
}
