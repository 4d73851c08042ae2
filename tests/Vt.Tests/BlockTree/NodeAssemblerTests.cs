using Vt.Blocks.BlockTree;

namespace Vt.Tests.BlockTree;

public class NodeAssemblerTests
{
    [Fact]
    public void Nodes_have_32_to_512_children_and_about_128_on_average()
    {
        var random = new Random(61);
        using var assembler = new NodeAssembler(new TreeFixture().Store.Hasher);
        for (var i = 0; i < 100_000; i++)
            assembler.Append(BlockRef.Direct(TestRefs.Hash(random), 1 + random.Next(100_000)));
        assembler.Complete();
        var counts = Nodes(assembler).Where(n => n.Level == 1).Select(n => n.Count).ToList();
        Assert.All(counts.SkipLast(1), count => Assert.InRange(count, 32, 512));
        Assert.InRange(counts.Average(), 115, 140);
    }

    [Fact]
    public void A_leaf_in_front_changes_the_nodes_around_it_and_above_it_only()
    {
        var random = new Random(62);
        var leaves = Enumerable.Range(0, 50_000).Select(_ => BlockRef.Direct(TestRefs.Hash(random), 1 + random.Next(100_000))).ToList();
        var before = Assemble(leaves);
        var after = Assemble([BlockRef.Run(7, 5000), .. leaves]);
        Assert.InRange(after.Except(before).Count(), 2, 8);
    }

    [Fact]
    public void Children_that_are_all_the_same_make_a_tree_too()
    {
        var leaf = BlockRef.Direct(TestRefs.Hash(new Random(63)), 1000);
        using var assembler = new NodeAssembler(new TreeFixture().Store.Hasher);
        for (var i = 0; i < 100_000; i++)
            assembler.Append(leaf);
        Assert.Equal(100_000_000, assembler.Complete().Span);
    }

    [Fact]
    public void A_subtree_can_stand_only_where_no_lower_node_is_under_way()
    {
        var random = new Random(64);
        using var assembler = new NodeAssembler(new TreeFixture().Store.Hasher);
        var subtree = BlockRef.Indirect(TestRefs.Hash(random), 10, 2);
        Assert.True(assembler.CanAppend(2));
        assembler.Append(subtree);
        assembler.Append(BlockRef.Literal("x"u8));
        Assert.False(assembler.CanAppend(1));
        Assert.Throws<InvalidOperationException>(() => assembler.Append(subtree));
        Assert.Throws<ArgumentException>(() => assembler.Append(BlockRef.Slice(subtree, 0, 1)));
        var root = assembler.Complete();
        Assert.Equal((3, 11), (root.Level, root.Span));
    }

    static List<string> Assemble(IEnumerable<BlockRef> leaves)
    {
        using var assembler = new NodeAssembler(new TreeFixture().Store.Hasher);
        foreach (var leaf in leaves)
            assembler.Append(leaf);
        assembler.Complete();
        return assembler.Blocks.ToArray().Select(b => b.Hash.ToString()).ToList();
    }

    static IEnumerable<IndirectNode> Nodes(NodeAssembler assembler) =>
        assembler.Blocks.ToArray().Select(b => IndirectNode.Read(assembler.Buffer.Span.Slice(b.Offset, b.Length)));
}
