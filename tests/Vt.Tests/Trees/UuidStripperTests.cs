using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Tests.Trees;

/// <summary>Trees without their UUIDs: the same names, metadata and contents, and whatever had none is not touched.</summary>
public sealed class UuidStripperTests : StoredTreeTests
{
    [Fact]
    public void Any_tree_keeps_all_but_its_UUIDs_and_a_second_time_changes_nothing()
    {
        Samples.ForAll(static random => random, random => CheckAsync(random).AsTask().Wait(), tests: 60);

        async ValueTask CheckAsync(Random random)
        {
            var root = await MakeAsync(random, depth: 4, share: random.Next(1, 6));
            await Batch.DrainAsync();
            var before = await ListAsync(root);
            var stripped = await StripAsync(root);
            Assert.Equal(before.Select(static at => (at.Path, at.Entry with { Uuid = null, Content = ContentOf(at.Entry) })),
                (await ListAsync(stripped.Root.Content)).Select(static at => (at.Path, at.Entry with { Content = ContentOf(at.Entry) })));
            Assert.Equal(await Reader.GetRootAsync(stripped.Root.Content), stripped.Root);
            Assert.Equal(before.Count(static at => at.Entry.Kind != DirentKind.Whiteout), stripped.Entries);
            Assert.Equal((Sum(before, static entry => entry.Size), stripped.HoleSpan <= stripped.Length), (stripped.Length, true));
            if (stripped.Length < long.MaxValue)
                Assert.Equal(Sum(before, static entry => (long)Math.Min(entry.Metadata.HoleSpan, (ulong)entry.Size)), stripped.HoleSpan);
            await CheckSharedAsync(root, stripped.Root.Content);
            Assert.Equal(stripped, await StripAsync(stripped.Root.Content));
        }
    }

    [Fact]
    public async Task A_tree_without_UUIDs_is_looked_through_and_nothing_is_written()
    {
        var root = await MakeAsync(new Random(3), depth: 5, share: 0);
        await Batch.DrainAsync();
        var blocks = Store.Blocks.Count;
        Assert.Equal(root, (await StripAsync(root)).Root.Content);
        Assert.Equal(blocks, Store.Blocks.Count);
    }

    [Fact]
    public async Task One_late_UUID_in_a_large_folder_leaves_its_other_nodes_as_they_are()
    {
        var entries = Enumerable.Range(0, 30_000).Select(static i => Samples.File(Samples.Text($"name {i:D6}"), i)).ToArray();
        entries[29_500] = entries[29_500] with { Uuid = Guid.NewGuid() };
        var root = (await DirectoryBuilder.BuildAsync(Batch, entries)).Content;
        await Batch.DrainAsync();
        var blocks = Store.Blocks.Count;
        var stripped = await StripAsync(root);
        Assert.InRange(Store.Blocks.Count - blocks, 2, 4);
        entries[29_500] = entries[29_500] with { Uuid = null };
        Assert.Equal(await DirectoryBuilder.BuildAsync(Batch, entries), stripped.Root);
        Assert.Equal((30_000, entries.Sum(static entry => entry.Size)), (stripped.Entries, stripped.Length));
    }

    [Fact]
    public async Task A_very_deep_tree_costs_no_stack()
    {
        var content = (await DirectoryBuilder.BuildAsync(Batch, [Samples.File(Samples.Text("file")) with { Uuid = Guid.NewGuid() }])).Content;
        for (var i = 0; i < 20_000; i++)
            content = (await DirectoryBuilder.BuildAsync(Batch, [Folder("deep", content)])).Content;
        var stripped = await StripAsync(content);
        Assert.Equal(20_001, stripped.Entries);
        Assert.Equal(stripped.Root.Content, (await StripAsync(stripped.Root.Content)).Root.Content);
        Assert.NotEqual(content, stripped.Root.Content);
    }

    [Fact]
    public async Task Hard_links_anywhere_below_are_told_of()
    {
        var link = new Dirent { Kind = DirentKind.Indirect, Name = Samples.Text("link"), Uuid = Guid.NewGuid() };
        var below = (await DirectoryBuilder.BuildAsync(Batch, [Samples.File(Samples.Text("a")), link])).Content;
        var root = (await DirectoryBuilder.BuildAsync(Batch, [Samples.File(Samples.Text("a")) with { Uuid = Guid.NewGuid() }, Folder("b", below)])).Content;
        await Batch.DrainAsync();
        Assert.Null(await new UuidStripper(Reader, Batch).StripAsync(root));
    }

    [Fact]
    public async Task A_missing_or_damaged_node_is_an_error_and_no_part_of_a_tree()
    {
        var random = new Random(7);
        var root = await MakeAsync(random, depth: 4, share: 3);
        await Batch.DrainAsync();
        foreach (var (hash, bytes) in Store.Blocks.ToList())
        {
            Store.Remove(hash);
            var reader = new DirectoryReader(Store, new DirectoryNodeCache());
            using var again = new TreeBatch(Store);
            await Assert.ThrowsAsync<BlockMissingException>(async () => await new UuidStripper(reader, again).StripAsync(root));
            await again.AddAsync(bytes);
            await again.DrainAsync();
        }

        var other = (await DirectoryBuilder.BuildAsync(Batch, [Folder("x", await Batch.AddAsync(Samples.Text("no node at all")))])).Content;
        await Batch.DrainAsync();
        await Assert.ThrowsAsync<FormatInvalidException>(async () => await new UuidStripper(Reader, Batch).StripAsync(other));
    }

    static long Sum(List<(string Path, Dirent Entry)> entries, Func<Dirent, long> of) => entries.Where(static at => at.Entry.Kind == DirentKind.File)
        .Aggregate(0L, (sum, at) => of(at.Entry) > long.MaxValue - sum ? long.MaxValue : sum + of(at.Entry));

    // What leads on is compared by what is below.
    static BlockRef ContentOf(Dirent entry) => entry.Kind == DirentKind.Directory ? BlockRef.Empty : entry.Content;

    static Dirent Folder(string name, BlockRef content) =>
        new() { Kind = DirentKind.Directory, Name = Samples.Text(name), Metadata = new Metadata { Mode = 0x1ed }, Content = content };

    // Folders in which and below which nothing had a UUID are the same blocks.
    async ValueTask<bool> CheckSharedAsync(BlockRef before, BlockRef after)
    {
        var isPlain = true;
        var (old, now) = (await EntriesAsync(before), await EntriesAsync(after));
        for (var i = 0; i < old.Count; i++)
        {
            Assert.Null(now[i].Uuid);
            isPlain &= old[i].Uuid is null;
            if (old[i].Kind == DirentKind.Directory)
                isPlain &= await CheckSharedAsync(old[i].Content, now[i].Content);
        }

        Assert.Equal(isPlain, before == after);
        return isPlain;
    }

    async ValueTask<StrippedTree> StripAsync(BlockRef root)
    {
        await Batch.DrainAsync();
        var stripped = await new UuidStripper(Reader, Batch).StripAsync(root);
        await Batch.DrainAsync();
        return Assert.NotNull(stripped);
    }

    // Every share-th entry has a UUID; 0 for none.
    async ValueTask<BlockRef> MakeAsync(Random random, int depth, int share)
    {
        var entries = new Dictionary<string, Dirent>();
        for (var i = random.Next(depth == 4 ? 1 : 0, 12); i > 0; i--)
        {
            var name = Samples.Name(random);
            var entry = Samples.Dirent(random);
            if (entry.Kind == DirentKind.Indirect)
                entry = entry with { Kind = DirentKind.File };
            if (entry.Kind == DirentKind.Directory || random.Next(3) == 0)
                entry = entry with { Kind = DirentKind.Directory, Content = depth == 0 ? BlockRef.Empty : await MakeAsync(random, depth - 1, share) };
            entries[Convert.ToHexString(name)] = entry with { Name = name, Uuid = share > 0 && random.Next(share * 4) == 0 ? Guid.NewGuid() : null };
        }

        return (await DirectoryBuilder.BuildAsync(Batch, entries.Values)).Content;
    }

    async ValueTask<List<Dirent>> EntriesAsync(BlockRef directory)
    {
        var entries = new List<Dirent>();
        await foreach (var entry in Reader.EnumerateAsync(directory))
            entries.Add(entry);
        return entries;
    }

    async ValueTask<List<(string Path, Dirent Entry)>> ListAsync(BlockRef directory, string above = "")
    {
        var all = new List<(string Path, Dirent Entry)>();
        foreach (var entry in await EntriesAsync(directory))
        {
            var path = $"{above}/{Convert.ToHexString(entry.Name.Span)}";
            all.Add((path, entry));
            if (entry.Kind == DirentKind.Directory)
                all.AddRange(await ListAsync(entry.Content, path));
        }

        return all;
    }
}
