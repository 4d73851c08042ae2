using System.Collections.Concurrent;
using System.Text;
using Vt.Blocks.BlockTree;
using Vt.Blocks.Chunking;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores.Faults;
using Vt.Trees.Check;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Tests.Trees.Checking;

/// <summary>Damage to one block at a time, and what a check says of it.</summary>
public sealed class TreeCheckerTests : IDisposable
{
    static readonly Guid Linked = new("11111111-2222-3333-4444-555555555555");

    readonly CountingStore _store = new();
    readonly TreeBatch _batch;
    readonly ConcurrentBag<TreeFault> _faults = [];

    public TreeCheckerTests() => _batch = new TreeBatch(_store);

    public void Dispose() => _batch.Dispose();

    [Fact]
    public async Task A_sound_tree_has_no_faults_and_each_of_its_blocks_is_read_once()
    {
        var content = await ContentAsync(1, 3 << 20);
        var root = await DirectoryAsync("", File("a", content), File("b", content), await DirectoryAsync("sub", File("c", content)));
        var leaves = await LeavesOfAsync(content);
        _store.ResetCounts();
        var counters = await CheckAsync(Trees(root, root));
        Assert.Empty(_faults);
        Assert.Equal((_store.Blocks.Count, _store.Blocks.Values.Sum(block => block.LongLength)), (counters.Blocks, counters.Bytes));
        Assert.InRange(_store.Gets, leaves.Count, leaves.Count + 30);
    }

    [Fact]
    public async Task Blocks_of_trees_count_too_and_each_once_though_hard_links_and_damage_need_a_second_look()
    {
        var linked = await LinkedAsync(BlockRef.Literal([1, 2, 3]), links: 2);
        foreach (var readData in (bool[])[true, false])
            Assert.Equal(2, (await CheckAsync(Trees(linked, linked), readData)).Blocks);
        Assert.Empty(_faults);
        var sub = await DirectoryAsync("sub", await DirectoryAsync("lost", File("f", BlockRef.Literal([4]))));
        var root = await DirectoryAsync("", sub, sub with { Name = "zub"u8.ToArray() });
        _store.Remove((await EntryAsync(sub, "lost")).Content.Hash);
        Assert.Equal(2, (await CheckAsync(Trees(root, root))).Blocks);
        Assert.NotEmpty(_faults);
    }

    [Fact]
    public async Task A_missing_leaf_is_named_with_every_path_and_range_that_needs_it()
    {
        var content = await ContentAsync(1, 2 << 20);
        var other = await ContentAsync(2, 1 << 20);
        var sub = await DirectoryAsync("sub", File("twice", content));
        var root = await DirectoryAsync("", File("good", other), File("once", content), sub, sub with { Name = "zub"u8.ToArray() });
        var lost = (await LeavesOfAsync(content))[7];
        _store.Remove(lost.Reference.Hash);
        foreach (var readData in (bool[])[true, false])
        {
            _faults.Clear();
            await CheckAsync(Trees(root, root), readData);
            Assert.All(_faults, fault => Assert.Equal((lost.Offset, lost.Reference.Span), (fault.Offset, fault.Length)));
            Assert.All(_faults, fault => Assert.Contains($"{lost.Reference.Hash} is missing", fault.What, StringComparison.Ordinal));
            Assert.Equal(
                ["0:once", "0:sub/twice", "0:zub/twice", "1:once", "1:sub/twice", "1:zub/twice"], Places());
        }
    }

    [Fact]
    public async Task A_corrupt_leaf_is_found_though_the_store_does_not_look()
    {
        var content = await ContentAsync(1, 1 << 20);
        var root = await DirectoryAsync("", File("file", content));
        var hit = (await LeavesOfAsync(content))[3];
        _store.Blocks[hit.Reference.Hash][10] ^= 4;
        await CheckAsync(Trees(root));
        var fault = Assert.Single(_faults);
        Assert.Equal((hit.Reference.Hash, hit.Offset, hit.Reference.Span), (fault.Hash, fault.Offset!.Value, fault.Length));
        Assert.Equal($"0: file: bytes {hit.Offset} to {hit.End - 1}: {fault.What}", fault.ToString());
        _faults.Clear();
        await CheckAsync(Trees(root), readData: false);
        Assert.Empty(_faults);
    }

    [Fact]
    public async Task A_store_that_flips_bits_or_cuts_blocks_short_is_found_out()
    {
        var root = await DirectoryAsync("", File("file", await ContentAsync(1, 1 << 20)));
        foreach (var kind in (FaultKind[])[FaultKind.BitFlip, FaultKind.TruncatedRead])
        {
            _faults.Clear();
            await using var faulty = new FaultyStore(_store, [new FaultRule(kind, First: 3)]);
            await new TreeChecker(faulty, readData: true, _faults.Add).CheckAsync(Trees(root));
            Assert.NotEmpty(_faults);
            Assert.All(_faults, fault => Assert.Contains("hash to", fault.What, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_store_that_can_not_be_reached_ends_the_check_and_is_no_fault_of_the_tree()
    {
        var root = await DirectoryAsync("", File("file", await ContentAsync(1, 8 << 20)));
        await using var faulty = new FaultyStore(_store, [new FaultRule(FaultKind.Error, First: 3)]);
        var failed = await Assert.ThrowsAsync<StoreUnavailableException>(
            () => new TreeChecker(faulty, readData: true, _faults.Add).CheckAsync(Trees(root)));
        Assert.True(failed.IsTransient);
        Assert.Empty(_faults);
    }

    [Fact]
    public async Task A_missing_interior_node_hides_its_own_range_only()
    {
        var content = await ContentAsync(1, 24 << 20);
        var node = (await WalkAsync(content)).Where(static part => part.Reference is { Kind: BlockRefKind.Indirect, Level: 1 }).ElementAt(1);
        var leaf = (await LeavesOfAsync(content))[^1];
        var root = await DirectoryAsync("", File("a", content), File("b", content));
        _store.Remove(node.Reference.Hash);
        _store.Remove(leaf.Reference.Hash);
        await CheckAsync(Trees(root));
        Assert.Equal(["0:a", "0:a", "0:b", "0:b"], Places());
        foreach (var part in (WalkedRef[])[node, leaf])
        {
            Assert.Equal(
                2, _faults.Count(fault => fault.Hash == part.Reference.Hash && fault.Offset == part.Offset && fault.Length == part.Reference.Span));
        }
    }

    [Fact]
    public async Task A_corrupt_directory_node_hides_its_own_entries_only()
    {
        var lost = await ContentAsync(1, 100_000);
        var last = File("zz", lost);
        var files = Enumerable.Range(0, 3000).Select(i => File($"file{i:d5}", BlockRef.Literal([(byte)i, 1]))).Append(last).ToArray();
        var root = await DirectoryAsync("", await DirectoryAsync("large", files));
        foreach (var leaf in await LeavesOfAsync(lost))
            _store.Remove(leaf.Reference.Hash);
        var nodes = await NodesOfAsync(root, "large");
        var hit = nodes[nodes.Count / 2];
        _store.Blocks[hit.Node.Hash][30] ^= 1;
        var counters = await CheckAsync(Trees(root));
        var fault = Assert.Single(_faults, fault => fault.Offset is null);
        Assert.Equal(("large", hit.Node.Hash), (Encoding.UTF8.GetString(fault.Path.Span), fault.Hash));
        Assert.StartsWith($"{hit.Entries} entries, the last of them file", fault.What, StringComparison.Ordinal);
        Assert.Contains(_faults, fault => fault.Offset == 0 && Encoding.UTF8.GetString(fault.Path.Span) == "large/zz");
        Assert.Equal(3003 - hit.Entries, counters.Entries);
    }

    [Fact]
    public async Task A_root_that_is_gone_is_a_fault_for_every_tree_that_has_it()
    {
        var gone = await DirectoryAsync("gone", File("a", BlockRef.Literal("a"u8)));
        var root = await DirectoryAsync("", gone, gone with { Name = "gone2"u8.ToArray() });
        _store.Remove(gone.Content.Hash);
        await CheckAsync(Trees(root, gone, root));
        Assert.Equal(["0:gone", "0:gone2", "1:", "2:gone", "2:gone2"], Places());
    }

    [Fact]
    public async Task Damage_to_the_table_of_hard_links_is_named_by_each_link()
    {
        var content = await ContentAsync(1, 100_000);
        var root = await LinkedAsync(content, links: 2);
        await CheckAsync(Trees(root));
        Assert.Empty(_faults);
        _store.Blocks[root.Inodes.Hash][20] ^= 1;
        await CheckAsync(Trees(root));
        Assert.Equal(["0:one", "0:two"], Places());
        Assert.All(_faults, fault => Assert.Contains("its inode can't be read", fault.What, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Damage_to_a_hard_linked_file_is_named_by_each_of_its_names()
    {
        var content = await ContentAsync(1, 100_000);
        var root = await LinkedAsync(content, links: 2);
        var lost = (await LeavesOfAsync(content))[0];
        _store.Remove(lost.Reference.Hash);
        await CheckAsync(Trees(root, root));
        Assert.Equal(["0:one", "0:two", "1:one", "1:two"], Places());
        Assert.All(_faults, fault => Assert.Equal(0, fault.Offset));
    }

    [Fact]
    public async Task Links_and_inodes_that_do_not_fit_together_are_faults()
    {
        var root = await LinkedAsync(BlockRef.Literal("x"u8), links: 1);
        await CheckAsync(Trees(root));
        Assert.Contains("counts 1 links but has 2 names", Assert.Single(_faults).What, StringComparison.Ordinal);
        _faults.Clear();
        await CheckAsync(Trees(root with { Inodes = BlockRef.Empty }));
        Assert.Equal(["0:one", "0:two"], Places());
        _faults.Clear();
        await CheckAsync(Trees(root with { Content = BlockRef.Empty }));
        Assert.Contains("no name leads to inode", Assert.Single(_faults).What, StringComparison.Ordinal);
        _faults.Clear();
        await CheckAsync([new CheckedTree("part", root with { Content = BlockRef.Empty }, IsWhole: false)]);
        Assert.Empty(_faults);
    }

    [Fact]
    public async Task An_inode_that_leads_to_itself_does_not_lead_the_check_in_circles()
    {
        var link = new Dirent { Kind = DirentKind.Indirect, Uuid = Linked };
        var lost = await ContentAsync(1, 100_000);
        var inodes = await DirectoryBuilder.BuildAsync(_batch, [link], DirectoryOrder.Uuids);
        var root = await DirectoryAsync("", link with { Name = "a"u8.ToArray() }, File("lost", lost)) with { Inodes = inodes.Content };
        _store.Remove((await LeavesOfAsync(lost))[0].Reference.Hash);
        await CheckAsync(Trees(root));
        Assert.Contains(_faults, fault => fault.What.Contains("leads to inode", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_block_that_is_taken_for_another_length_is_a_fault()
    {
        var content = (await LeavesOfAsync(await ContentAsync(1, 100_000)))[0].Reference;
        var root = await DirectoryAsync(
            "", File("good", content), File("short", BlockRef.Direct(content.Hash, content.Span - 1)), File("slice", BlockRef.Slice(content, 10, 100)));
        await CheckAsync(Trees(root));
        Assert.Equal(["0:short"], Places());
        _faults.Clear();
        _store.Remove(content.Hash);
        await CheckAsync(Trees(root));
        Assert.Equal(["0:good", "0:short", "0:slice"], Places());
        Assert.Equal((0L, 100L), _faults.Where(fault => fault.Length == 100).Select(fault => (fault.Offset!.Value, fault.Length)).Single());
    }

    [Fact]
    public async Task Of_a_block_that_very_many_files_need_a_thousand_places_are_told_and_the_rest_counted()
    {
        var content = (await LeavesOfAsync(await ContentAsync(1, 100_000)))[0].Reference;
        var root = await DirectoryAsync("", Enumerable.Range(0, 1500).Select(i => File($"f{i}", content)).ToArray());
        _store.Remove(content.Hash);
        await CheckAsync(Trees(root));
        Assert.Equal(1 + BadBlocks.MostPlaces + 1, _faults.Count);
        Assert.Contains("499 more places", Assert.Single(_faults, fault => fault.Offset is null).What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_very_deep_tree_is_no_danger_to_the_stack()
    {
        var entry = File("deepest", await ContentAsync(1, 200));
        for (var i = 0; i < 20_000; i++)
            entry = await DirectoryAsync(i == 19_999 ? "" : "d", entry);
        var counters = await CheckAsync(Trees(entry));
        Assert.Empty(_faults);
        Assert.Equal(20_001, counters.Entries);
    }

    [Fact]
    public async Task A_check_can_be_stopped()
    {
        var root = await DirectoryAsync("", Enumerable.Range(0, 300).Select(i => File($"f{i}", BlockRef.Literal([(byte)i]))).ToArray());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new TreeChecker(_store, true, _faults.Add).CheckAsync(Trees(root), new CancellationToken(true)));
        using var stop = new CancellationTokenSource();
        var many = await DirectoryAsync("", File("large", await ContentAsync(1, 20 << 20)));
        _store.Remove((await LeavesOfAsync(many.Content == default ? default : (await EntryAsync(many, "large")).Content))[0].Reference.Hash);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => new TreeChecker(_store, true, _ => stop.Cancel()).CheckAsync(Trees(many, root), stop.Token));
    }

    [Fact]
    public void Seen_blocks_are_remembered_up_to_the_bound_and_told_apart_by_length_and_use()
    {
        var hasher = HashAlgorithms.GetHasher(HashAlgorithms.Default);
        var blocks = Enumerable.Range(0, 40_000).Select(i => BlockRef.Direct(hasher.Hash(BitConverter.GetBytes(i)), 4)).ToArray();
        var seen = new SeenBlocks(30_000);
        foreach (var block in blocks)
            Assert.True(seen.Add(block, SeenAs.Content));
        Assert.Equal(30_000, seen.Count);
        for (var i = 0; i < blocks.Length; i++)
        {
            Assert.Equal(i < 30_000, seen.Contains(blocks[i], SeenAs.Content));
            Assert.Equal(i >= 30_000, seen.Add(blocks[i], SeenAs.Content));
            Assert.False(seen.Contains(blocks[i], SeenAs.Directory));
            Assert.False(seen.Contains(BlockRef.Direct(blocks[i].Hash, 5), SeenAs.Content));
        }
    }

    static CheckedTree[] Trees(params Dirent[] roots) => [.. roots.Select((root, i) => new CheckedTree($"{i}", root))];

    static Dirent File(string name, BlockRef content) =>
        new() { Kind = DirentKind.File, Name = Encoding.UTF8.GetBytes(name), Content = content };

    string[] Places() => [.. _faults.Select(fault => $"{fault.Tree}:{Encoding.UTF8.GetString(fault.Path.Span)}").Order(StringComparer.Ordinal)];

    async Task<CheckCounters> CheckAsync(CheckedTree[] trees, bool readData = true)
    {
        var counters = new CheckCounters();
        await new TreeChecker(_store, readData, _faults.Add, counters).CheckAsync(trees);
        Assert.Equal(_faults.Count, counters.Faults);
        return counters;
    }

    async Task<Dirent> LinkedAsync(BlockRef content, uint links)
    {
        var inode = new Dirent { Kind = DirentKind.File, Uuid = Linked, Content = content, Metadata = new Metadata { LinkCount = links } };
        var inodes = await DirectoryBuilder.BuildAsync(_batch, [inode], DirectoryOrder.Uuids);
        var root = await DirectoryAsync(
            "",
            new Dirent { Kind = DirentKind.Indirect, Name = "one"u8.ToArray(), Uuid = Linked },
            new Dirent { Kind = DirentKind.Indirect, Name = "two"u8.ToArray(), Uuid = Linked });
        return root with { Inodes = inodes.Content };
    }

    async Task<Dirent> DirectoryAsync(string name, params Dirent[] entries)
    {
        var built = await DirectoryBuilder.BuildAsync(_batch, entries);
        await _batch.DrainAsync();
        return new Dirent { Kind = DirentKind.Directory, Name = Encoding.UTF8.GetBytes(name), Content = built.Content };
    }

    async Task<BlockRef> ContentAsync(int seed, int length)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        await using var writer = new BlockTreeWriter(_store, new Chunker(_store.Chunking));
        await writer.WriteAsync(bytes);
        return await writer.CompleteAsync();
    }

    async Task<List<WalkedRef>> WalkAsync(BlockRef content) => await new BlockTreeWalker(_store).WalkAsync(content).ToListAsync();

    async Task<List<WalkedRef>> LeavesOfAsync(BlockRef content) =>
        (await WalkAsync(content)).FindAll(static part => part.Reference.Kind == BlockRefKind.Direct);

    async Task<Dirent> EntryAsync(Dirent directory, string name) =>
        (await new Vt.Trees.Directories.DirectoryReader(_store, new DirectoryNodeCache()).LookupAsync(directory.Content, Encoding.UTF8.GetBytes(name)))!;

    async Task<List<NodeChild>> NodesOfAsync(Dirent root, string name)
    {
        var loader = new Vt.Trees.Directories.DirectoryReader(_store, new DirectoryNodeCache()).Loader;
        var node = await loader.LoadRootAsync((await EntryAsync(root, name)).Content, DirectoryOrder.Names, default);
        Assert.Equal(1, node.Level);
        return [.. Enumerable.Range(0, node.Count).Select(node.ChildAt)];
    }
}
