using FsCheck;
using FsCheck.Fluent;
using Vt.Blocks.BlockTree;
using Vt.Blocks.Chunking;

namespace Vt.Tests.BlockTree;

public class BlockTreeSplicerTests
{
    [Fact]
    public void A_splice_gives_the_reference_of_the_edited_content_written_afresh() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed => CheckLawAsync(seed, 60_000).GetAwaiter().GetResult())
            .Check(Config.QuickThrowOnFailure.WithMaxTest(50));

    [Fact]
    public void A_splice_of_content_of_megabytes_gives_the_reference_of_the_edited_content_written_afresh() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed => CheckLawAsync(seed, 3_000_000).GetAwaiter().GetResult())
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2));

    static async Task CheckLawAsync(int seed, int most)
    {
        var random = new Random(seed);
        var fixture = new TreeFixture(TreeFixture.MakeRule(random));
        var splicer = new BlockTreeSplicer(fixture.Store, fixture.Rule);
        var content = TestContent.Make(random, random.Next(4) == 0 ? random.Next(300) : random.Next(most));
        var root = await fixture.WriteAsync(content);
        for (var edit = 0; edit < 4; edit++)
        {
            var offset = Near(random, content.Length);
            var removed = random.Next(3) switch
            {
                0 => 0,
                1 => random.Next(Math.Min(content.Length - offset, 5000) + 1),
                _ => random.Next(content.Length - offset + 1),
            };
            var added = TestContent.Make(random, random.Next(3) switch { 0 => 0, 1 => random.Next(20), _ => random.Next(20_000) });
            byte[] edited = [.. content[..offset], .. added, .. content[(offset + removed)..]];
            var piece = random.Next(2) == 0 ? ContentPiece.Of(added) : ContentPiece.Of(await fixture.WriteAsync(added));
            var spliced = await splicer.SpliceAsync(root, offset, removed, piece);
            Assert.Equal(await fixture.WriteAsync(edited), spliced);
            (content, root) = (edited, spliced);
        }
    }

    [Fact]
    public void A_splice_of_a_deep_tree_of_huge_runs_gives_the_reference_of_the_edited_runs_written_afresh() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed => CheckRunsAsync(seed).GetAwaiter().GetResult())
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2));

    static async Task CheckRunsAsync(int seed)
    {
        var random = new Random(seed);
        var fixture = new TreeFixture(TreeFixture.MakeRule(random));
        var splicer = new BlockTreeSplicer(fixture.Store, fixture.Rule);
        var runs = Enumerable.Range(0, 100_000).Select(_ => MakeRun(random)).ToList();
        var root = await AssembleAsync(fixture, runs);
        Assert.InRange(root.Level, 3, 4);
        for (var edit = 0; edit < 6; edit++)
        {
            var from = random.Next(runs.Count);
            var removed = random.Next(3) == 0 ? random.Next(runs.Count - from) : random.Next(3);
            var added = Enumerable.Range(0, random.Next(3)).Select(_ => MakeRun(random)).ToList();
            var offset = runs.Take(from).Sum(r => r.Span);
            var length = runs.Skip(from).Take(removed).Sum(r => r.Span);
            runs = [.. runs.Take(from), .. added, .. runs.Skip(from + removed)];
            fixture.Store.ResetCounts();
            root = await splicer.SpliceAsync(root, offset, length, added.Select(r => ContentPiece.Of(r)));
            Assert.InRange(fixture.Store.Gets + fixture.Store.Adds, 0, 50);
            Assert.Equal(await AssembleAsync(fixture, runs), root);
        }
    }

    static BlockRef MakeRun(Random random) =>
        BlockRef.Run((byte)random.Next(256), IChunkCutter.MinimumRun + (random.Next(9) == 0 ? 1L << 36 : random.Next(200)));

    // What a writer does with runs, without making bytes of each.
    static async Task<BlockRef> AssembleAsync(TreeFixture fixture, List<BlockRef> runs)
    {
        using var assembler = new NodeAssembler(fixture.Store.Hasher);
        for (var i = 0; i < runs.Count;)
        {
            var (value, span) = (runs[i].RunByte, 0L);
            for (; i < runs.Count && runs[i].RunByte == value; i++)
                span += runs[i].Span;
            assembler.Append(BlockRef.Run(value, span));
        }

        var root = assembler.Complete();
        await assembler.StoreBlocksAsync(fixture.Store);
        return root;
    }

    [Fact]
    public async Task A_last_leaf_that_had_a_node_to_itself_is_the_root_once_all_before_it_is_removed()
    {
        var random = new Random(54);
        var fixture = new TreeFixture();
        var splicer = new BlockTreeSplicer(fixture.Store, fixture.Rule);
        var runs = new List<BlockRef>();
        for (var found = 0; found < 3;)
        {
            runs.Add(BlockRef.Run((byte)runs.Count, IChunkCutter.MinimumRun + random.Next(100)));
            var root = await AssembleAsync(fixture, runs);
            if (root.Kind != BlockRefKind.Indirect || root.Level < 2)
                continue;
            var top = await IndirectNode.LoadAsync(fixture.Store, root);
            if ((await IndirectNode.LoadAsync(fixture.Store, top.Children[^1])).Count > 1)
                continue;
            Assert.Equal(runs[^1], await splicer.SpliceAsync(root, 0, root.Span - runs[^1].Span, []));
            found++;
        }
    }

    [Fact]
    public void Content_composed_of_many_pieces_has_the_reference_of_the_same_bytes_written_afresh() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed => CheckComposeAsync(seed).GetAwaiter().GetResult())
            .Check(Config.QuickThrowOnFailure.WithMaxTest(30));

    static async Task CheckComposeAsync(int seed)
    {
        var random = new Random(seed);
        var fixture = new TreeFixture(TreeFixture.MakeRule(random));
        var sources = new List<(byte[] Bytes, BlockRef Root)>();
        for (var i = 0; i < 3; i++)
        {
            var bytes = TestContent.Make(random, 1 + random.Next(100_000));
            sources.Add((bytes, await fixture.WriteAsync(bytes)));
        }

        var content = new List<byte>();
        var pieces = new List<ContentPiece>();
        for (var i = random.Next(10); i >= 0; i--)
        {
            var (bytes, root) = sources[random.Next(sources.Count)];
            var from = random.Next(3) == 0 ? 0 : random.Next(bytes.Length);
            var to = random.Next(3) == 0 ? bytes.Length : from + random.Next(bytes.Length - from + 1);
            content.AddRange(bytes[from..to]);
            pieces.Add(random.Next(4) switch
            {
                0 => ContentPiece.Of(bytes.AsMemory(from..to)),
                1 => ContentPiece.Of(BlockRef.Slice(root, from, to - from)),
                2 => ContentPiece.Of(to - from, (offset, destination, _) =>
                {
                    bytes.AsMemory(from + (int)offset, destination.Length).CopyTo(destination);
                    return default;
                }),
                _ => ContentPiece.Of(root, from, to - from),
            });
        }

        var composed = await new BlockTreeSplicer(fixture.Store, fixture.Rule).ComposeAsync(pieces);
        Assert.Equal(await fixture.WriteAsync([.. content]), composed);
    }

    [Fact]
    public async Task A_tree_that_was_cut_with_other_parameters_gives_the_right_content()
    {
        var random = new Random(51);
        var fixture = new TreeFixture();
        var content = TestContent.Make(random, 300_000);
        var root = await fixture.WriteAsync(content);
        var other = new BlockTreeSplicer(fixture.Store, new Chunker(ChunkingParameters.ForAverage(4096)));
        for (var edit = 0; edit < 20; edit++)
        {
            var offset = Near(random, content.Length);
            var removed = random.Next(Math.Min(content.Length - offset, 9000) + 1);
            var added = TestContent.Make(random, random.Next(9000));
            content = [.. content[..offset], .. added, .. content[(offset + removed)..]];
            root = await other.SpliceAsync(root, offset, removed, ContentPiece.Of(added));
            Assert.Equal(content, await fixture.ReadAsync(root));
        }
    }

    [Fact]
    public async Task A_splice_beyond_the_end_leaves_a_hole()
    {
        var fixture = new TreeFixture();
        var root = await fixture.WriteAsync("abc"u8.ToArray());
        var splicer = new BlockTreeSplicer(fixture.Store, fixture.Rule);
        root = await splicer.SpliceAsync(root, 10_003, long.MaxValue, ContentPiece.Of("def"u8.ToArray()));
        byte[] expected = [.. "abc"u8, .. new byte[10_000], .. "def"u8];
        Assert.Equal(expected, await fixture.ReadAsync(root));
        Assert.Equal(BlockRef.Literal("ab"u8), await splicer.SpliceAsync(root, 2, root.Span, []));
    }

    [Fact]
    public async Task A_run_too_short_to_be_one_is_written_as_bytes_wherever_it_stands()
    {
        var fixture = new TreeFixture();
        var splicer = new BlockTreeSplicer(fixture.Store, fixture.Rule);
        foreach (var length in new[] { 1, 203, IChunkCutter.MinimumRun - 1, IChunkCutter.MinimumRun })
        {
            // Behind a run stands a cut.
            byte[] expected = [.. Enumerable.Repeat((byte)2, 5000), .. new byte[length]];
            var spliced = await splicer.ComposeAsync([ContentPiece.Of(BlockRef.Run(2, 5000)), ContentPiece.Of(BlockRef.Run(0, length))]);
            Assert.Equal(await fixture.WriteAsync(expected), spliced);
            Assert.Equal(await fixture.WriteAsync(expected[5000..]), await splicer.ComposeAsync([ContentPiece.Of(BlockRef.Run(0, length))]));
        }
    }

    [Fact]
    public async Task An_edit_in_the_midst_of_much_content_costs_a_few_blocks()
    {
        var random = new Random(52);
        var fixture = new TreeFixture();
        var content = new byte[4 << 20];
        random.NextBytes(content);
        var root = await fixture.WriteAsync(content);
        var leaves = fixture.Store.Hashes.Count;
        Assert.True(leaves > 2500);
        for (var edit = 0; edit < 10; edit++)
        {
            var added = new byte[random.Next(2) * 4096];
            random.NextBytes(added);
            fixture.Store.ResetCounts();
            var splicer = new BlockTreeSplicer(fixture.Store, fixture.Rule);
            root = await splicer.SpliceAsync(root, random.Next((int)root.Span - 4096), 4096 - (added.Length / 2), ContentPiece.Of(added));
            Assert.InRange(fixture.Store.Adds, 1, 30);
            Assert.InRange(fixture.Store.Gets, 1, 60);
        }
    }

    [Fact]
    public async Task Overwriting_4_KiB_of_64_MiB_cut_as_stores_do_adds_a_handful_of_blocks()
    {
        var random = new Random(55);
        var fixture = new TreeFixture(new Chunker(ChunkingParameters.Default));
        var content = new byte[64 << 20];
        random.NextBytes(content);
        var root = await fixture.WriteAsync(content);
        var added = new byte[4096];
        var (mostAdds, mostGets) = (0L, 0L);
        for (var edit = 0; edit < 10; edit++)
        {
            random.NextBytes(added);
            fixture.Store.ResetCounts();
            var splicer = new BlockTreeSplicer(fixture.Store, fixture.Rule);
            root = await splicer.SpliceAsync(root, random.Next(content.Length - 4096), 4096, ContentPiece.Of(added));
            (mostAdds, mostGets) = (Math.Max(mostAdds, fixture.Store.Adds), Math.Max(mostGets, fixture.Store.Gets));
        }

        Assert.InRange(mostAdds, 3, 10);
        Assert.InRange(mostGets, 3, 16);
    }

    [Fact]
    public async Task Nothing_is_read_or_written_where_whole_content_is_taken_over()
    {
        var fixture = new TreeFixture();
        var root = await fixture.WriteAsync(TestContent.Make(new Random(53), 500_000));
        var splicer = new BlockTreeSplicer(fixture.Store, fixture.Rule);
        fixture.Store.ResetCounts();
        Assert.Equal(root, await splicer.SpliceAsync(root, 1000, 0, []));
        Assert.Equal(0, fixture.Store.Adds);
        Assert.InRange(fixture.Store.Gets, 0, 1);
    }

    // Edits like to be at edges.
    static int Near(Random random, int length) => random.Next(4) switch
    {
        0 => 0,
        1 => length,
        _ => random.Next(length + 1),
    };
}
