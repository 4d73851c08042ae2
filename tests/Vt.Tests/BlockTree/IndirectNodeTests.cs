using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;

namespace Vt.Tests.BlockTree;

public class IndirectNodeTests
{
    static byte[] Block(int level, params ReadOnlySpan<BlockRef> children)
    {
        using var encoded = new ByteWriter();
        foreach (var child in children)
            child.Write(encoded);
        using var block = new ByteWriter();
        IndirectNode.Write(block, level, children.Length, encoded.Written);
        return block.Written.ToArray();
    }

    [Fact]
    public void A_node_comes_back_with_its_children_and_finds_them_by_offset()
    {
        var children = new[] { BlockRef.Literal("abc"u8), BlockRef.Run(0, 1L << 40), BlockRef.Direct(TestRefs.Hash(new Random(1)), 9000) };
        var node = IndirectNode.Read(Block(1, children));
        Assert.Equal(children, node.Children.ToArray());
        Assert.Equal((1L << 40) + 9003, node.Span);
        Assert.Equal([0, 0, 1, 1, 2, 2], new[] { 0, 2, 3, 2 + (1L << 40), 3 + (1L << 40), node.Span - 1 }.Select(node.Find));
        Assert.Equal([0, 3, 3 + (1L << 40)], new[] { 0, 1, 2 }.Select(node.StartOf));
        Assert.Throws<ArgumentOutOfRangeException>(() => node.Find(node.Span));
    }

    [Fact]
    public void The_block_is_as_documented() =>
        Assert.Equal("56744e01" + "01" + "02" + "0402026869" + "0303052a", Convert.ToHexStringLower(Block(1, BlockRef.Literal("hi"u8), BlockRef.Run(0x2a, 5))));

    [Fact]
    public void Children_of_another_level_slices_and_empty_ones_are_refused()
    {
        var hash = TestRefs.Hash(new Random(1));
        var leaf = BlockRef.Direct(hash, 9000);
        var node = BlockRef.Indirect(hash, 9000, 1);
        Assert.Throws<FormatInvalidException>(() => IndirectNode.Read(Block(1, leaf, node)));
        Assert.Throws<FormatInvalidException>(() => IndirectNode.Read(Block(2, leaf)));
        Assert.Throws<FormatInvalidException>(() => IndirectNode.Read(Block(3, node)));
        Assert.Throws<FormatInvalidException>(() => IndirectNode.Read(Block(1, BlockRef.Slice(leaf, 0, 1))));
        Assert.Throws<FormatInvalidException>(() => IndirectNode.Read(Block(1, BlockRef.Empty)));
        Assert.Throws<FormatInvalidException>(() => IndirectNode.Read(Block(1)));
        Assert.Throws<FormatInvalidException>(() => IndirectNode.Read(Block(16, node)));
        Assert.Throws<FormatInvalidException>(() => IndirectNode.Read(Block(1, BlockRef.Run(0, long.MaxValue), BlockRef.Run(1, 1))));
    }

    [Fact]
    public void Damaged_nodes_are_refused_or_are_nodes()
    {
        var random = new Random(3);
        var children = Enumerable.Range(0, 40).Select(_ => BlockRef.Direct(TestRefs.Hash(random), 1 + random.Next(9000))).ToArray();
        var good = Block(1, children);
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = good[..(random.Next(4) == 0 ? random.Next(good.Length + 1) : good.Length)];
            for (var flips = random.Next(3); flips >= 0 && bytes.Length > 0; flips--)
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            try
            {
                Assert.InRange(IndirectNode.Read(bytes).Count, 1, IndirectNode.MostChildren);
            }
            catch (FormatInvalidException)
            {
                // Refused, which is the other right answer.
            }
        }
    }
}
