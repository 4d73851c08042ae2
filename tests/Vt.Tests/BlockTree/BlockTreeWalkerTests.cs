using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;

namespace Vt.Tests.BlockTree;

public class BlockTreeWalkerTests
{
    [Fact]
    public async Task A_walk_comes_by_every_block_at_its_offset_parents_first()
    {
        var fixture = new TreeFixture();
        var content = TestContent.Make(new Random(21), 2_000_000);
        var root = await fixture.WriteAsync(content);
        Assert.Equal(2, root.Level);
        var seen = await CollectAsync(new BlockTreeWalker(fixture.Store), root);
        Assert.Equal(fixture.Store.Hashes.Order(), seen.Select(w => w.Reference.Hash).Distinct().Order());
        Assert.Equal(new WalkedRef(0, root), seen[0]);
        foreach (var walked in seen.Where(w => w.Reference.Kind == BlockRefKind.Direct))
        {
            var bytes = content.AsSpan((int)walked.Offset, (int)walked.Reference.Span);
            Assert.Equal(walked.Reference.Hash, fixture.Store.Hasher.Hash(bytes));
        }

        Assert.Equal(seen.OrderBy(w => w.Offset).ThenByDescending(w => w.Reference.Kind == BlockRefKind.Indirect ? w.Reference.Level : 0), seen);
    }

    [Fact]
    public async Task A_walk_of_a_slice_comes_by_the_blocks_that_it_touches()
    {
        var fixture = new TreeFixture();
        var root = await fixture.WriteAsync(TestContent.Make(new Random(22), 2_000_000));
        var all = await CollectAsync(new BlockTreeWalker(fixture.Store), root);
        var part = await CollectAsync(new BlockTreeWalker(fixture.Store), BlockRef.Slice(root, 500_000, 300_000));
        var expected = all.Where(w => w.Offset < 800_000 && w.End > 500_000).Select(w => w with { Offset = w.Offset - 500_000 });
        Assert.Equal(expected, part);
    }

    [Fact]
    public async Task A_walk_leaves_out_what_the_predicate_prunes()
    {
        var fixture = new TreeFixture();
        var content = TestContent.Make(new Random(23), 2_000_000);
        var old = await fixture.WriteAsync(content);
        var has = (await CollectAsync(new BlockTreeWalker(fixture.Store), old)).Select(w => w.Reference.Hash).ToHashSet();
        content[1_000_000] ^= 1;
        var root = await fixture.WriteAsync(content);
        var walker = new BlockTreeWalker(fixture.Store, (hashes, leaveOut, _) =>
        {
            for (var i = 0; i < hashes.Length; i++)
                leaveOut.Span[i] = has.Contains(hashes.Span[i]);
            return default;
        });
        fixture.Store.ResetCounts();
        var seen = await CollectAsync(walker, root);
        Assert.InRange(seen.Count, 3, 8);
        Assert.InRange(fixture.Store.Gets, 2, 4);
        Assert.Equal(fixture.Store.Hashes.Except(has).Order(), seen.Select(w => w.Reference.Hash).Order());
    }

    [Fact]
    public async Task Damage_ends_a_walk_or_is_told_with_its_range()
    {
        var fixture = new TreeFixture();
        var root = await fixture.WriteAsync(TestContent.Make(new Random(24), 2_000_000));
        var all = await CollectAsync(new BlockTreeWalker(fixture.Store), root);
        var nodes = all.Where(w => w.Reference.Kind == BlockRefKind.Indirect && w.Reference.Level == 1).ToList();
        fixture.Store.Damage(nodes[1].Reference.Hash, null);
        fixture.Store.Damage(nodes[2].Reference.Hash, [1, 2, 3]);
        await Assert.ThrowsAsync<BlockMissingException>(() => CollectAsync(new BlockTreeWalker(fixture.Store), root));
        var told = new List<(WalkedRef, Type)>();
        var seen = await CollectAsync(new BlockTreeWalker(fixture.Store, null, (walked, fault) => told.Add((walked, fault.GetType()))), root);
        Assert.Equal([(nodes[1], typeof(BlockMissingException)), (nodes[2], typeof(BlockCorruptException))], told);
        var lost = all.Where(w => w.Reference.Kind == BlockRefKind.Direct && w.Offset >= nodes[1].Offset && w.Offset < nodes[2].End);
        Assert.Equal(all.Except(lost), seen);
    }

    static async Task<List<WalkedRef>> CollectAsync(BlockTreeWalker walker, BlockRef root)
    {
        var seen = new List<WalkedRef>();
        await foreach (var walked in walker.WalkAsync(root))
            seen.Add(walked);
        return seen;
    }
}
