using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Blocks.Hashing;
using Vt.Blocks.Reconciliation;
using Vt.Tests.Trees;

namespace Vt.Tests.Reconciliation;

public sealed class SetReconcilerTests
{
    [Fact]
    public async Task Two_equal_sets_cost_one_look_at_their_sums()
    {
        var names = Names(1, 5000);
        var target = new Listed(names);
        Assert.Empty(await MissingAsync(names, target));
        Assert.Equal(0, target.Cells);
    }

    [Theory]
    [InlineData(100_000, 0, 0)]
    [InlineData(100_000, 1, 0)]
    [InlineData(100_000, 1000, 0)]
    [InlineData(100_000, 1000, 1000)]
    [InlineData(100_000, 0, 1000)]
    [InlineData(100_000, 60_000, 5)]
    [InlineData(100_000, 100_000, 0)]
    [InlineData(0, 500, 0)]
    [InlineData(0, 0, 500)]
    public async Task What_only_the_source_has_is_found(int both, int missing, int extra)
    {
        var common = Names(1, both);
        var only = Names(2, missing);
        var target = new Listed([.. common, .. Names(3, extra)]);
        var found = await MissingAsync([.. common, .. only], target);
        Assert.Subset(found.ToHashSet(), only.ToHashSet());
        Assert.Equal(found.Count, found.Distinct().Count());
        if (missing * 2 < both)
            Assert.Equal(only.Order(), found.Order());
    }

    [Fact]
    public void Whatever_two_sets_have_is_told_apart_or_not_told()
    {
        var (roomy, lost) = (0, 0);
        Samples.ForAll(
            static random => (random.Next(), random.Next(300), random.Next(300), 3 * random.Next(400)),
            sets =>
            {
                var (seed, missing, extra, cells) = sets;
                var key = FingerprintKey.Draw();
                var (common, ours, theirs) = (Names(seed, 2000), Names(seed ^ 0x55555555, missing), Names(seed ^ 0x33333333, extra));
                var (one, other) = (SketchOf([.. common, .. ours], key, cells), SketchOf([.. theirs, .. common], key, cells));
                var (onlyOne, onlyOther) = (new List<ulong>(), new List<ulong>());
                var isTold = one.TryTell(other, key, onlyOne, onlyOther);
                roomy += cells > 2 * (missing + extra) ? 1 : 0;
                lost += cells > 2 * (missing + extra) && !isTold ? 1 : 0;
                if (!isTold)
                    return;
                Assert.Equal(ours.Select(name => key.Of(name)).Order(), onlyOne.Order());
                Assert.Equal(theirs.Select(name => key.Of(name)).Order(), onlyOther.Order());
            });
        Assert.InRange(lost, 0, roomy / 8);
    }

    [Fact]
    public async Task A_hundredth_that_is_missing_costs_a_few_bytes_for_each_of_them()
    {
        var common = Names(1, 396_000);
        var only = Names(2, 4000);
        var target = new Listed(common);
        Assert.Equal(only.Order(), (await MissingAsync([.. common, .. only], target)).Order());
        Assert.InRange(target.Bytes, 4000 * 14, 4000 * 40);
    }

    [Fact]
    public void A_sketch_comes_back_from_its_bytes_and_damaged_ones_are_refused()
    {
        var key = FingerprintKey.Draw();
        var sketch = new SetSketch(30);
        foreach (var name in Names(1, 100))
            sketch.Add(key.Of(name), key);
        using var writer = new ByteWriter();
        sketch.Write(writer);
        var bytes = writer.Written.ToArray();
        var reader = new ByteReader(bytes);
        var back = SetSketch.Read(ref reader);
        Assert.True(reader.AtEnd);
        Assert.True(back.IsSameAs(sketch));
        Assert.True(back.TryTell(sketch, key, [], []));
        for (var length = 0; length < bytes.Length; length++)
            Assert.Throws<FormatInvalidException>(() => Decode(bytes.AsSpan(0, length)));
        Assert.Throws<FormatInvalidException>(() => new SetSketch(SetSketch.MostCells + 3));
        Assert.Throws<FormatInvalidException>(() => new SetSketch(4));
        Assert.Throws<FormatInvalidException>(() => new SketchRange(25, 0, 0).Check());
        Assert.Throws<FormatInvalidException>(() => new SketchRange(8, 0, 256).Check());
    }

    [Fact]
    public void Made_up_sketches_end_in_an_answer() => Samples.ForAll(
        static random => Samples.Bytes(random, 3 + 8 + 1 + (12 * 13), 3 + 8 + 1 + (12 * 13)),
        static bytes =>
        {
            (bytes[0], bytes[9]) = (3, 12);
            try
            {
                var reader = new ByteReader(bytes);
                var sketch = SetSketch.Read(ref reader);
                var (one, other) = (new List<ulong>(), new List<ulong>());
                sketch.TryTell(new SetSketch(12), FingerprintKey.Draw(), one, other);
                Assert.InRange(one.Count + other.Count, 0, 12);
            }
            catch (FormatInvalidException)
            {
                // As good an answer.
            }
        },
        2000);

    [Fact]
    public async Task A_side_that_says_what_can_not_be_is_not_believed()
    {
        var names = Names(1, 1000);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => MissingAsync(names, new Lying(new Listed(names), isShort: true)));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => MissingAsync(names, new Lying(new Listed(names), isShort: false)));
    }

    static SetSketch SketchOf(BlockHash[] names, FingerprintKey key, int cells)
    {
        var sketch = new SetSketch(cells);
        foreach (var name in names)
            sketch.Add(key.Of(name), key);
        return sketch;
    }

    static void Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes);
        SetSketch.Read(ref reader);
    }

    static async Task<List<BlockHash>> MissingAsync(BlockHash[] source, ISetSketches target)
    {
        var found = new List<BlockHash>();
        await foreach (var names in new SetReconciler(new Listed(source), target).FindMissingAsync())
            found.AddRange(names);
        return found;
    }

    static BlockHash[] Names(int seed, int count)
    {
        var random = new Random(seed);
        var digest = new byte[32];
        var names = new BlockHash[count];
        for (var i = 0; i < count; i++)
        {
            random.NextBytes(digest);
            names[i] = new BlockHash(HashAlgorithmId.Blake3, digest);
        }

        return names;
    }

    /// <summary>Names in memory, counting what sketches of them would take on a line.</summary>
    sealed class Listed : ISetSketches, IBlockEnumeration
    {
        readonly BlockHash[] _names;
        readonly EnumeratedSketches _sketches;

        public Listed(BlockHash[] names)
        {
            _names = [.. names.Order()];
            _sketches = new EnumeratedSketches(this, HashAlgorithmId.Blake3);
        }

        public long Bytes { get; private set; }

        public long Cells { get; private set; }

        public bool CanSketch => true;

        public async IAsyncEnumerable<SetSketch> SketchAsync(
            FingerprintKey key, SketchRange range, int cells, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await foreach (var sketch in _sketches.SketchAsync(key, range, cells, cancellationToken))
            {
                using var writer = new ByteWriter();
                sketch.Write(writer);
                Bytes += writer.Length;
                Cells += sketch.Cells;
                var reader = new ByteReader(writer.Written);
                yield return SetSketch.Read(ref reader);
            }
        }

        public IAsyncEnumerable<BlockHash> FindNamesAsync(FingerprintKey key, SketchRange range, IReadOnlyCollection<ulong>? numbers, CancellationToken cancellationToken = default) =>
            _sketches.FindNamesAsync(key, range, numbers, cancellationToken);

        public IAsyncEnumerable<BlockHash> EnumerateAsync(BlockHash? after = null, CancellationToken cancellationToken = default)
        {
            var start = after is { } name ? Array.BinarySearch(_names, name) is var at && at >= 0 ? at + 1 : ~at : 0;
            return _names.Skip(start).ToAsyncEnumerable();
        }
    }

    /// <summary>Leaves out parts, or tells of names that nobody has.</summary>
    sealed class Lying(ISetSketches inner, bool isShort) : ISetSketches
    {
        public bool CanSketch => true;

        public async IAsyncEnumerable<SetSketch> SketchAsync(
            FingerprintKey key, SketchRange range, int cells, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            var skipped = isShort ? 1 : 0;
            await foreach (var sketch in inner.SketchAsync(key, range, cells, cancellationToken))
            {
                if (skipped-- > 0)
                    continue;
                if (!isShort)
                    sketch.Add((ulong)Random.Shared.NextInt64(1, 1L << 60), FingerprintKey.Draw());
                yield return sketch;
            }
        }

        public IAsyncEnumerable<BlockHash> FindNamesAsync(FingerprintKey key, SketchRange range, IReadOnlyCollection<ulong>? numbers, CancellationToken cancellationToken = default) =>
            inner.FindNamesAsync(key, range, numbers, cancellationToken);
    }
}
