using FsCheck;
using FsCheck.Fluent;
using Vt.Blocks.BlockTree;

namespace Vt.Tests.BlockTree;

public class BlockTreeComparerTests
{
    [Fact]
    public void The_ranges_are_those_that_comparing_the_bytes_finds() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed => CheckAsync(seed).GetAwaiter().GetResult())
            .Check(Config.QuickThrowOnFailure.WithMaxTest(40));

    static async Task CheckAsync(int seed)
    {
        var random = new Random(seed);
        var fixture = new TreeFixture();
        var left = TestContent.Make(random, random.Next(200_000));
        var right = Edit(random, left);
        var slice = random.Next(Math.Min(left.Length, right.Length) + 1);
        var a = BlockRef.Slice(await fixture.WriteAsync(left), slice, left.Length - slice);
        var b = BlockRef.Slice(await fixture.WriteAsync(right), slice, right.Length - slice);
        var within = random.Next(3) * 10;
        Assert.Equal(Expected(left[slice..], right[slice..], within), await CollectAsync(fixture, a, b, within));
    }

    static byte[] Edit(Random random, byte[] content)
    {
        if (random.Next(5) == 0)
            return TestContent.Make(random, random.Next(100_000));
        byte[] edited = [.. content];
        for (var edits = random.Next(5); edits > 0; edits--)
        {
            var at = random.Next(edited.Length + 1);
            var part = TestContent.Make(random, random.Next(random.Next(2) == 0 ? 10 : 10_000));
            var removed = Math.Min(edited.Length - at, random.Next(2) == 0 ? part.Length : random.Next(5000));
            edited = [.. edited[..at], .. part, .. edited[(at + removed)..]];
        }

        return edited;
    }

    static List<DifferingRange> Expected(byte[] left, byte[] right, int within)
    {
        var ranges = new List<DifferingRange>();
        for (var i = 0; i < Math.Max(left.Length, right.Length); i++)
        {
            if (i < left.Length && i < right.Length && left[i] == right[i])
                continue;
            if (ranges.Count > 0 && i - ranges[^1].End <= within)
                ranges[^1] = ranges[^1] with { Length = i + 1 - ranges[^1].Offset };
            else
                ranges.Add(new DifferingRange(i, 1));
        }

        return ranges;
    }

    [Fact]
    public async Task Comparing_costs_what_differs()
    {
        var fixture = new TreeFixture();
        var content = TestContent.Make(new Random(31), 2_000_000);
        var left = await fixture.WriteAsync(content);
        content[900_000] ^= 1;
        var right = await fixture.WriteAsync(content);
        fixture.Store.ResetCounts();
        Assert.Equal([new DifferingRange(900_000, 1)], await CollectAsync(fixture, left, right, 0));
        Assert.InRange(fixture.Store.Gets, 1, 20);
        fixture.Store.ResetCounts();
        Assert.Empty(await CollectAsync(fixture, left, left, 0));
        Assert.Equal(0, fixture.Store.Gets);
    }

    static async Task<List<DifferingRange>> CollectAsync(TreeFixture fixture, BlockRef left, BlockRef right, long within)
    {
        var ranges = new List<DifferingRange>();
        await foreach (var range in new BlockTreeComparer(fixture.Store, fixture.Store).CompareAsync(left, right, within))
            ranges.Add(range);
        return ranges;
    }
}
