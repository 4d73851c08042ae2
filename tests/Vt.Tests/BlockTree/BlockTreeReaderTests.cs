using FsCheck;
using FsCheck.Fluent;
using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;

namespace Vt.Tests.BlockTree;

public class BlockTreeReaderTests
{
    [Fact]
    public void Any_range_of_content_and_of_slices_of_it_reads_as_the_content() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed => CheckAsync(seed).GetAwaiter().GetResult())
            .Check(Config.QuickThrowOnFailure.WithMaxTest(50));

    static async Task CheckAsync(int seed)
    {
        var random = new Random(seed);
        var fixture = new TreeFixture();
        var content = TestContent.Make(random, random.Next(300_000));
        var root = await fixture.WriteAsync(content);
        for (var i = 0; i < 10; i++)
        {
            var start = random.Next(content.Length + 1);
            var slice = random.Next(2) == 0 ? root : BlockRef.Slice(root, start, random.Next(content.Length - start + 1));
            var expected = slice == root ? content : content[start..(int)(start + slice.Span)];
            var reader = new BlockTreeReader(fixture.Store, slice);
            Assert.Equal(expected.Length, reader.Length);
            var offset = random.Next(expected.Length + 10);
            var buffer = new byte[random.Next(2) == 0 ? random.Next(100) : random.Next(expected.Length + 100)];
            var count = await reader.ReadAsync(offset, buffer);
            Assert.Equal(Math.Clamp(expected.Length - offset, 0, buffer.Length), count);
            Assert.True(expected.AsSpan(Math.Min(offset, expected.Length), count).SequenceEqual(buffer.AsSpan(0, count)));
            await CheckLeavesAsync(reader, expected, offset, buffer.Length);
        }
    }

    static async Task CheckLeavesAsync(BlockTreeReader reader, byte[] content, long offset, long length)
    {
        var at = offset;
        await foreach (var extent in reader.GetLeavesAsync(offset, length))
        {
            Assert.Equal(at, extent.Offset);
            Assert.True(extent.Length > 0 && extent.LeafOffset + extent.Length <= extent.Leaf.Span);
            Assert.NotEqual(BlockRefKind.Indirect, extent.Leaf.Kind);
            if (extent.Leaf.Kind == BlockRefKind.Run)
                Assert.Equal(-1, content.AsSpan((int)at, (int)extent.Length).IndexOfAnyExcept(extent.Leaf.RunByte));
            at += extent.Length;
        }

        Assert.Equal(Math.Max(offset, Math.Min(offset + length, content.Length)), at);
    }

    [Fact]
    public async Task Holes_and_data_are_found_at_their_exact_edges_without_reading_data()
    {
        var fixture = new TreeFixture();
        await using var writer = new BlockTreeWriter(fixture.Store, fixture.Rule);
        var data = new byte[10_000];
        new Random(5).NextBytes(data);
        data[0] = data[^1] = 1;
        await writer.WriteRunAsync(0, 5000);
        await writer.WriteAsync(data);
        await writer.WriteRunAsync(0, 1L << 40);
        await writer.WriteRunAsync(7, 1L << 20);
        await writer.WriteRunAsync(0, 4000);
        var root = await writer.CompleteAsync();
        var reader = new BlockTreeReader(fixture.Store, root);
        fixture.Store.ResetCounts();
        Assert.Equal(0, await reader.SeekHoleAsync(0));
        Assert.Equal(5000, await reader.SeekDataAsync(0));
        Assert.Equal(15_000, await reader.SeekHoleAsync(5001));
        Assert.Equal(15_000 + (1L << 40), await reader.SeekDataAsync(20_000));
        Assert.Equal(root.Span, await reader.SeekHoleAsync(15_001 + (1L << 40)));
        Assert.Null(await reader.SeekHoleAsync(root.Span));
        Assert.Null(await reader.SeekDataAsync(root.Span));
        Assert.Equal(1, fixture.Store.Gets);
        var end = new BlockTreeReader(fixture.Store, BlockRef.Slice(root, 15_000, 5000));
        Assert.Null(await end.SeekDataAsync(0));
    }

    [Fact]
    public async Task A_missing_block_is_reported_with_its_hash_and_only_for_its_bytes()
    {
        var fixture = new TreeFixture();
        var content = TestContent.Make(new Random(11), 100_000);
        var root = await fixture.WriteAsync(content);
        var reader = new BlockTreeReader(fixture.Store, root);
        var leaf = await FirstDirectAsync(reader);
        fixture.Store.Damage(leaf.Leaf.Hash, null);
        var missing = await Assert.ThrowsAsync<BlockMissingException>(async () => await reader.ReadAsync(0, new byte[content.Length]));
        Assert.Equal(leaf.Leaf.Hash, missing.Hash);
        Assert.Equal(1000, await reader.ReadAsync(leaf.End, new byte[1000]));
    }

    [Fact]
    public async Task A_block_of_another_length_than_its_reference_says_is_reported_as_damage()
    {
        var fixture = new TreeFixture();
        var root = await fixture.WriteAsync(TestContent.Make(new Random(11), 100_000));
        var leaf = await FirstDirectAsync(new BlockTreeReader(fixture.Store, root));
        fixture.Store.Damage(leaf.Leaf.Hash, new byte[leaf.Leaf.Span - 1]);
        var corrupt = await Assert.ThrowsAsync<BlockCorruptException>(() => fixture.ReadAsync(root));
        Assert.Equal(leaf.Leaf.Hash, corrupt.Hash);
        var grown = BlockRef.Indirect(root.Hash, root.Span + 1, root.Level);
        corrupt = await Assert.ThrowsAsync<BlockCorruptException>(() => fixture.ReadAsync(grown));
        Assert.Equal(root.Hash, corrupt.Hash);
        var notANode = BlockRef.Indirect(leaf.Leaf.Hash, 1000, 1);
        await Assert.ThrowsAsync<BlockCorruptException>(() => fixture.ReadAsync(notANode));
    }

    static async Task<LeafExtent> FirstDirectAsync(BlockTreeReader reader)
    {
        await foreach (var extent in reader.GetLeavesAsync(0, reader.Length))
        {
            if (extent.Leaf.Kind == BlockRefKind.Direct)
                return extent;
        }

        throw new InvalidOperationException("the content has no block");
    }
}
