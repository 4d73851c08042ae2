using Vt.Blocks.BlockTree;
using Vt.Tests.Trees;

namespace Vt.Tests.BlockTree;

/// <summary>How many bytes one content has that another hasn't.</summary>
public sealed class UnsharedContentTests
{
    [Fact]
    public async Task Of_a_large_content_with_one_changed_byte_the_way_to_that_byte_is_read()
    {
        var fixture = new TreeFixture();
        var content = Random(3 << 20);
        var before = await fixture.WriteAsync(content);
        content[1_234_567] ^= 1;
        var after = await fixture.WriteAsync(content);
        fixture.Store.ResetCounts();
        Assert.Equal((1, 1), await new UnsharedContent(fixture.Store).CompareAsync(before, after));
        Assert.InRange(fixture.Store.Gets, 2, 20);
        fixture.Store.ResetCounts();
        Assert.Equal((0, 0), await new UnsharedContent(fixture.Store).CompareAsync(after, after));
        Assert.Equal(0, fixture.Store.Gets);
    }

    [Fact]
    public async Task What_was_inserted_or_cut_out_counts_and_what_it_moved_does_not()
    {
        var fixture = new TreeFixture();
        var content = Random(1 << 20);
        var before = await fixture.WriteAsync(content);
        var after = await fixture.WriteAsync([.. content[..300_000], .. Random(10, seed: 2), .. content[300_000..]]);
        fixture.Store.ResetCounts();
        Assert.Equal((0, 10), await new UnsharedContent(fixture.Store).CompareAsync(before, after));
        Assert.InRange(fixture.Store.Gets, 2, 60);
        Assert.Equal((10, 0), await new UnsharedContent(fixture.Store).CompareAsync(after, before));
        Assert.Equal((1 << 20, 0), await new UnsharedContent(fixture.Store).CompareAsync(before, BlockRef.Empty));
    }

    [Fact]
    public async Task Of_holes_only_what_they_grew_or_shrank_by_counts()
    {
        var fixture = new TreeFixture();
        var unshared = new UnsharedContent(fixture.Store);
        Assert.Equal((0, 1L << 40), await unshared.CompareAsync(BlockRef.Run(0, 1L << 40), BlockRef.Run(0, 1L << 41)));
        Assert.Equal((7, 9), await unshared.CompareAsync(BlockRef.Run(1, 7), BlockRef.Run(2, 9)));
        Assert.Equal((0, 0), await unshared.CompareAsync(BlockRef.Empty, BlockRef.Empty));
    }

    [Fact]
    public void The_figures_are_those_of_changes_in_place_and_never_more_than_there_is() => Samples.ForAll(
        static random => random,
        random =>
        {
            var fixture = new TreeFixture();
            var content = Random(random.Next(1, 200_000), random.Next());
            var changed = content.ToArray();
            for (var i = random.Next(6); i > 0; i--)
                changed[random.Next(changed.Length)] = (byte)random.Next(256);
            var cut = changed[random.Next(changed.Length)..];
            var (a, b, c) = (Write(fixture, content), Write(fixture, changed), Write(fixture, cut));
            var differing = content.Zip(changed).Count(static pair => pair.First != pair.Second);
            var unshared = new UnsharedContent(fixture.Store);
            Assert.Equal((differing, differing), unshared.CompareAsync(a, b).AsTask().GetAwaiter().GetResult());
            var (removed, added) = unshared.CompareAsync(a, c).AsTask().GetAwaiter().GetResult();
            Assert.Equal(cut.Length - content.Length, added - removed);
            Assert.InRange(removed, 0, content.Length);
        },
        tests: 40);

    static BlockRef Write(TreeFixture fixture, byte[] content) => fixture.WriteAsync(content).GetAwaiter().GetResult();

    static byte[] Random(int length, int seed = 1)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
