using FsCheck;
using FsCheck.Fluent;
using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;

namespace Vt.Tests.BlockTree;

public class BlockTreeWriterTests
{
    [Fact]
    public void The_reference_does_not_depend_on_how_the_content_is_written() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed => CheckAsync(seed).GetAwaiter().GetResult())
            .Check(Config.QuickThrowOnFailure.WithMaxTest(15));

    static async Task CheckAsync(int seed)
    {
        var random = new Random(seed);
        var content = TestContent.Make(random, random.Next(150_000));
        var fixture = new TreeFixture(TreeFixture.MakeRule(random));
        var expected = await fixture.WriteAsync(content);
        Assert.Equal(content, await fixture.ReadAsync(expected));
        var options = new BlockTreeWriterOptions { BatchBytes = 5000 + random.Next(40_000), Workers = random.Next(4) };
        await using var writer = new BlockTreeWriter(fixture.Store, fixture.Rule, options);
        for (var time = 0; time < 2; time++)
        {
            await WriteInPiecesAsync(random, writer, content);
            Assert.Equal(expected, await writer.CompleteAsync());
        }
    }

    static async Task WriteInPiecesAsync(Random random, BlockTreeWriter writer, byte[] content)
    {
        for (var at = 0; at < content.Length;)
        {
            var equal = content.AsSpan(at).IndexOfAnyExcept(content[at]);
            equal = equal < 0 ? content.Length - at : equal;
            if (equal > 20 && random.Next(2) == 0)
            {
                equal = 1 + random.Next(equal);
                await writer.WriteRunAsync(content[at], equal);
                at += equal;
                continue;
            }

            var count = Math.Min(content.Length - at, 1 + random.Next(random.Next(2) == 0 ? 50 : 20_000));
            await writer.WriteAsync(content.AsMemory(at, count));
            at += count;
        }
    }

    [Fact]
    public async Task No_content_is_the_empty_reference_and_little_content_is_a_literal_without_any_block()
    {
        var fixture = new TreeFixture();
        Assert.Equal(BlockRef.Empty, await fixture.WriteAsync([]));
        Assert.Equal(BlockRef.Literal("abc"u8), await fixture.WriteAsync("abc"u8.ToArray()));
        Assert.Empty(fixture.Store.Hashes);
    }

    [Fact]
    public async Task A_hole_of_a_tebibyte_costs_one_leaf_and_keeps_its_edges()
    {
        var fixture = new TreeFixture();
        await using var writer = new BlockTreeWriter(fixture.Store, fixture.Rule);
        await writer.WriteAsync("start"u8.ToArray());
        await writer.WriteRunAsync(0, 1L << 40);
        await writer.WriteRunAsync(0, 1L << 40);
        await writer.WriteAsync("end"u8.ToArray());
        var root = await writer.CompleteAsync();
        Assert.Equal((1L << 41) + 8, root.Span);
        var node = await IndirectNode.LoadAsync(fixture.Store, root);
        Assert.Equal([BlockRef.Literal("start"u8), BlockRef.Run(0, 1L << 41), BlockRef.Literal("end"u8)], node.Children.ToArray());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task A_failed_add_fails_the_writer_for_good(int workers)
    {
        var fixture = new TreeFixture();
        fixture.Store.FailAdds = true;
        await using var writer = new BlockTreeWriter(fixture.Store, fixture.Rule, new BlockTreeWriterOptions { BatchBytes = 1000, Workers = workers });
        var content = TestContent.Make(new Random(1), 200_000);
        await Assert.ThrowsAsync<StoreFullException>(async () =>
        {
            await writer.WriteAsync(content);
            await writer.CompleteAsync();
        });
        fixture.Store.FailAdds = false;
        await Assert.ThrowsAsync<StoreFullException>(async () => await writer.CompleteAsync());
    }
}
