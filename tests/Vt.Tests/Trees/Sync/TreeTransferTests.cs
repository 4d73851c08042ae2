using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores.Faults;
using Vt.Stores.Memory;
using Vt.Tests.Support;
using Vt.Trees.Dirents;
using Vt.Trees.Import;
using Vt.Trees.Sync;

namespace Vt.Tests.Trees.Sync;

public sealed class TreeTransferTests : IDisposable
{
    readonly TempFolder _folder = new(inMemory: true);
    readonly MemoryStore _source = new();
    Dirent? _root;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_tree_is_there_whole_and_travels_once()
    {
        var root = await MakeAsync("one", 1);
        var target = new MemoryStore();
        var first = await TransferAsync(root, _source, target);
        Assert.Equal(_source.GetCapacity().Blocks, first.SentBlocks);
        Assert.Equal(await _source.EnumerateAsync().ToArrayAsync(), await target.EnumerateAsync().ToArrayAsync());
        var again = await TransferAsync(root, _source, target);
        Assert.Equal((0, 0L), (again.SentBlocks, again.SentBytes));
        Assert.InRange(again.Asked, 1, 3);
    }

    [Fact]
    public async Task Of_a_changed_tree_what_changed_travels()
    {
        var root = await MakeAsync("one", 1);
        var target = new MemoryStore();
        await TransferAsync(root, _source, target);
        var before = _source.GetCapacity();
        File.WriteAllBytes(_folder["one/added"], TestBlock.Many(_source.Hasher, 9, 1, 100_000)[0].Bytes);
        root = (await new Importer(_source).ImportAsync(System.Text.Encoding.UTF8.GetBytes(_folder["one"]))).Root;
        var counters = await TransferAsync(root, _source, target);
        Assert.Equal(_source.GetCapacity().Blocks - before.Blocks, counters.SentBlocks);
        Assert.Equal(_source.GetCapacity().StoredBytes - before.StoredBytes, counters.SentBytes);
    }

    [Fact]
    public async Task Wherever_it_is_broken_off_nothing_promises_more_than_is_there()
    {
        var root = await MakeAsync("one", 2);
        var blocks = await _source.EnumerateAsync().ToArrayAsync();
        var target = new MemoryStore();
        for (var calls = 0; ; calls++)
        {
            var faulty = new FaultyStore(target, [new FaultRule(FaultKind.Error, calls, 1)]);
            try
            {
                await TransferAsync(root, _source, faulty);
                break;
            }
            catch (StoreUnavailableException)
            {
                await AssertCompleteAsync(target);
            }
        }

        Assert.Equal(blocks, await target.EnumerateAsync().ToArrayAsync());
    }

    [Fact]
    public async Task What_is_missing_is_said_and_what_it_leads_to_is_not_promised()
    {
        var root = await MakeAsync("one", 3);
        var all = await _source.EnumerateAsync().ToArrayAsync();
        foreach (var missing in all.Where((_, i) => i % 7 == 0))
        {
            var target = new MemoryStore();
            var fault = await Assert.ThrowsAsync<BlockMissingException>(() => TransferAsync(root, new Lacking(_source, missing), target));
            Assert.Equal(missing, fault.Hash);
            await AssertCompleteAsync(target);
        }
    }

    [Fact]
    public async Task A_bound_on_the_rate_is_kept()
    {
        var root = await MakeAsync("one", 4);
        var began = TimeProvider.System.GetTimestamp();
        var counters = new TransferCounters();
        var transfer = new TreeTransfer(_source, new MemoryStore(), new TransferOptions { BytesPerSecond = _source.GetCapacity().StoredBytes * 2, Counters = counters });
        await transfer.RunAsync(ItemsOf(transfer, root));
        Assert.True(TimeProvider.System.GetElapsedTime(began) > TimeSpan.FromMilliseconds(200));
        Assert.Equal(_source.GetCapacity().Blocks, counters.SentBlocks);
    }

    static List<TransferItem> ItemsOf(TreeTransfer transfer, Dirent root)
    {
        var items = new List<TransferItem>();
        new TreeItems(transfer.Reader).AddTree(root, items);
        return items;
    }

    static async Task<TransferCounters> TransferAsync(Dirent root, IBlockStore source, IBlockStore target)
    {
        var options = new TransferOptions();
        var transfer = new TreeTransfer(source, target, options);
        await transfer.RunAsync(ItemsOf(transfer, root));
        return options.Counters;
    }

    /// <summary>Every block that leads to others has them.</summary>
    async Task AssertCompleteAsync(MemoryStore target)
    {
        var have = (await target.EnumerateAsync().ToArrayAsync()).ToHashSet();
        foreach (var (parent, children) in await EdgesAsync())
            Assert.True(!have.Contains(parent) || children.All(have.Contains), $"{parent} is there without what it leads to");
    }

    async Task<Dictionary<BlockHash, List<BlockHash>>> EdgesAsync()
    {
        var edges = new Dictionary<BlockHash, List<BlockHash>>();
        var items = new Stack<TransferItem>();
        var first = new List<TransferItem>();
        new TreeItems(_source).AddTree(_root!, first);
        first.ForEach(items.Push);
        while (items.TryPop(out var item))
        {
            if (item.Expand is null || edges.ContainsKey(item.Hash))
                continue;
            var below = new List<TransferItem>();
            await item.Expand(below, default);
            edges[item.Hash] = [.. below.Select(child => child.Hash)];
            below.ForEach(items.Push);
        }

        return edges;
    }

    async Task<Dirent> MakeAsync(string name, int seed)
    {
        var top = Directory.CreateDirectory(_folder[name]).FullName;
        var blocks = TestBlock.Many(_source.Hasher, seed, 60, 200_000);
        for (var i = 0; i < blocks.Length; i++)
        {
            var folder = Directory.CreateDirectory(Path.Combine(top, $"{i % 3}", $"{i % 5}")).FullName;
            File.WriteAllBytes(Path.Combine(folder, $"file {i}"), blocks[i].Bytes);
            File.WriteAllBytes(Path.Combine(folder, $"same {i}"), blocks[i / 2].Bytes);
        }

        var big = new byte[8 << 20];
        new Random(seed).NextBytes(big);
        File.WriteAllBytes(Path.Combine(top, "big"), big);
        return _root = (await new Importer(_source).ImportAsync(System.Text.Encoding.UTF8.GetBytes(top))).Root;
    }

    sealed class Lacking(IBlockStore inner, BlockHash missing) : DelegatingStore(inner)
    {
        public override async ValueTask GetManyAsync(ReadOnlyMemory<BlockHash> hashes, Memory<BlockLease> blocks, CancellationToken cancellationToken = default)
        {
            await base.GetManyAsync(hashes, blocks, cancellationToken);
            for (var i = 0; i < hashes.Length; i++)
            {
                if (hashes.Span[i] == missing)
                    blocks.Span[i] = default;
            }
        }
    }
}
