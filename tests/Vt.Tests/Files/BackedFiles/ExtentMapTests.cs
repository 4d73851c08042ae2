using FsCheck;
using FsCheck.Fluent;
using Vt.Blocks.BlockTree;
using Vt.Files.BackedFiles;
using Vt.Files.Journal;

namespace Vt.Tests.Files.BackedFiles;

public class ExtentMapTests
{
    [Fact]
    public void A_map_says_of_every_byte_what_was_put_there_last_and_tells_what_went_out() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), CheckAgainstModel).Check(Config.QuickThrowOnFailure.WithMaxTest(4));

    static void CheckAgainstModel(int seed)
    {
        var random = new Random(seed);
        var length = random.Next(2) == 0 ? 300 : 20_000;
        var model = new (ExtentSource Source, uint Stamp)?[length];
        var views = new List<(ExtentView View, (ExtentSource Source, uint Stamp)?[] Model)>();
        var map = new ExtentMap(extent =>
        {
            for (var i = 0; i < extent.Length; i++)
            {
                Assert.Equal((extent.Source.Plus(i), extent.Stamp), model[extent.Offset + i]!.Value);
                model[extent.Offset + i] = null;
            }
        });
        for (var step = 0; step < 2500; step++)
        {
            var from = random.Next(length);
            var to = Math.Min(length, from + 1 + random.Next(random.Next(40) == 0 ? length : 12));
            switch (random.Next(60))
            {
                case 0 when views.Count < 5:
                    views.Add((map.Freeze(), [.. model]));
                    break;
                case 1:
                    map.Cut(to);
                    Assert.True(model.Skip(to).All(static at => at is null), "what is cut off was told of");
                    break;
                case < 8:
                    map.Remove(from, to - from);
                    Assert.True(model[from..to].All(static at => at is null), "what is removed was told of");
                    break;
                default:
                    var source = Source(random, from);
                    var stamp = (uint)random.Next(2);
                    map.Put(from, to - from, source, stamp);
                    for (var at = from; at < to; at++)
                    {
                        Assert.Null(model[at]);
                        model[at] = (source.Plus(at - from), stamp);
                    }

                    break;
            }

            if (step % 100 == 0)
                CheckView(map.Current, model);
        }

        CheckView(map.Current, model);
        Assert.Equal(model.Count(static at => at is not null), map.Bytes);
        Assert.Equal(model.Count(static at => at?.Source.Kind == ExtentSourceKind.Log), map.LogBytes);
        Assert.Equal(model.Count(static at => at?.Source.Kind == ExtentSourceKind.Zero), map.ZeroBytes);
        foreach (var (view, frozen) in views)
        {
            CheckView(view, frozen);
            var thawed = ExtentMap.From(view);
            thawed.Put(5, 50, ExtentSource.Zero, 7);
            CheckView(view, frozen);
        }

        map.Cut(0);
        Assert.Equal((0, 0L), (map.Count, map.Bytes));
    }

    // Places that continue those of neighbours are frequent.
    static ExtentSource Source(Random random, long at) => random.Next(4) switch
    {
        0 => ExtentSource.Zero,
        1 => ExtentSource.Stored(BlockRef.Run(1, 1 << 20), at),
        2 => ExtentSource.Log(new LogPlace((uint)random.Next(2), 1000 + at)),
        _ => ExtentSource.Log(new LogPlace(2, random.Next(1 << 20))),
    };

    static void CheckView(ExtentView view, (ExtentSource Source, uint Stamp)?[] model)
    {
        var count = 0;
        var before = default(Extent);
        long at = 0;
        for (var extents = view.From(0); extents.MoveNext(); count++)
        {
            var extent = extents.Current;
            for (; at < extent.Offset; at++)
                Assert.Null(model[at]);
            Assert.True(extent.Offset >= at && extent.Length > 0, "extents are in order and apart");
            Assert.False(count > 0 && before.Stamp == extent.Stamp && before.IsContinuedBy(extent), "what goes on is one extent");
            for (; at < extent.End; at++)
            {
                if (model[at] != (extent.Source.Plus(at - extent.Offset), extent.Stamp))
                    Assert.Fail($"{at} is not what was put there");
            }

            before = extent;
        }

        for (; at < model.Length; at++)
            Assert.Null(model[at]);
        Assert.Equal(view.Count, count);
    }

    [Fact]
    public void Extents_written_in_order_at_random_and_backwards_are_all_found()
    {
        const int Extents = 20_000;
        var random = new Random(7);
        var inOrder = Enumerable.Range(0, Extents).ToArray();
        var shuffled = (int[])inOrder.Clone();
        random.Shuffle(shuffled);
        foreach (var order in new[] { inOrder, shuffled, [.. inOrder.Reverse()] })
        {
            var map = new ExtentMap();
            foreach (var i in order)
                map.Put(i * 4096L, 4096, ExtentSource.Log(new LogPlace((uint)i, 0)), 1);
            Assert.Equal(Extents, map.Count);
            var all = map.Current.From(0);
            for (var i = 0; i < Extents; i++)
            {
                Assert.True(all.MoveNext());
                Assert.Equal((i * 4096L, (uint)i), (all.Current.Offset, all.Current.Source.Place.Segment));
                var found = map.Current.From((i * 4096L) + random.Next(4096));
                Assert.True(found.MoveNext());
                Assert.Equal(i * 4096L, found.Current.Offset);
            }

            Assert.False(all.MoveNext());
        }
    }

    [Fact]
    public void What_is_written_in_order_to_the_log_and_to_the_file_is_one_extent()
    {
        var map = new ExtentMap();
        for (var i = 0; i < 1000; i++)
            map.Put(i * 100, 100, ExtentSource.Log(new LogPlace(1, i * 100)), 1);
        Assert.Equal(1, map.Count);
        map.Put(100_000, 100, ExtentSource.Log(new LogPlace(1, 100_000)), 2);
        Assert.Equal(2, map.Count);
    }
}
