using Vt.Blocks.BlockTree;
using Vt.Blocks.Chunking;
using Vt.Blocks.Encoding;

namespace Vt.Tests.Chunking;

[Trait("Category", "InstructionSets")]
public sealed class ChunkerTests
{
    static readonly ChunkingParameters Small = ChunkingParameters.ForAverage(2048);

    public static TheoryData<int> Widths => [0, 128, 256, 512];

    static byte[] Noise(int seed, int length)
    {
        // SplitMix64, so that the golden cuts depend on no library's generator.
        var data = new byte[length + 8];
        for (var i = 0; i < length; i += 8)
            BitConverter.TryWriteBytes(data.AsSpan(i), Mix64.Finish(((ulong)seed << 40) + (ulong)i + 1));
        return data[..length];
    }

    /// <summary>Noise with runs, short equal stretches and repeated strings strewn in.</summary>
    static byte[] Mixed(Random random, int length)
    {
        var data = new byte[length];
        random.NextBytes(data);
        for (var at = random.Next(9000); at < length; at += random.Next(1, 20_000))
        {
            var count = Math.Min(length - at, random.Next(9000));
            if (random.Next(3) == 0)
                data.AsSpan(Math.Max(0, at - count), Math.Min(at, count)).CopyTo(data.AsSpan(at));
            else
                data.AsSpan(at, count).Fill((byte)random.Next(2));
        }

        return data;
    }

    static List<int> Cuts(Chunker chunker, ReadOnlySpan<byte> data)
    {
        var chunks = new Chunk[(data.Length / 64) + 1];
        var count = chunker.CutAll(data, chunks);
        return [.. chunks.Take(count).Select(chunk => chunk.Offset + chunk.Length)];
    }

    [Fact]
    public void The_format_s_cuts_do_not_change()
    {
        var cuts = Cuts(new Chunker(ChunkingParameters.Default), Noise(1, 400_000));
        Assert.Equal(GoldenCuts, cuts);
    }

    static readonly int[] GoldenCuts =
    [
        31362, 60258, 76676, 87232, 117119, 136050, 173089, 204003, 271969, 313885,
        343123, 375234, 390771, 400000,
    ];

    [Theory]
    [MemberData(nameof(Widths))]
    public void Every_width_cuts_as_the_byte_by_byte_one_does(int width)
    {
        const int Seed = 5;
        var random = new Random(Seed);
        foreach (var parameters in new[] { Small, ChunkingParameters.ForAverage(8192), new ChunkingParameters { Minimum = 64, Average = 300, Maximum = 999 } })
        {
            var data = Mixed(random, 300_000 + random.Next(100));
            var scalar = Cuts(new Chunker(parameters, null, 0), data);
            Assert.True(scalar.SequenceEqual(Cuts(new Chunker(parameters, null, width), data)), $"seed {Seed}, width {width}");
        }
    }

    [Fact]
    public void The_vectors_find_what_the_definition_says()
    {
        var data = Noise(2, 32 + 4096);
        var rule = new PGearRule(2048);
        var expected = new ulong[64];
        for (var i = 0; i < 4096; i++)
        {
            var gear = 0;
            for (var back = 0; back < 32; back++)
            {
                var b = data[32 + i - back];
                gear += (PGearRule.LowNibble[b & 15] ^ PGearRule.HighNibble[b >> 4]) * PGearRule.Power(back);
            }

            if ((gear & 0xffff) < rule.Bound)
                expected[i / 64] |= 1UL << (i % 64);
        }

        var found = new ulong[64];
        PGearScalar.Find(data, rule.Bound, found);
        Assert.Equal(expected, found);
    }

    [Fact]
    public void Cuts_do_not_depend_on_what_lies_beyond_the_lookahead()
    {
        const int Seed = 11;
        var random = new Random(Seed);
        var chunker = new Chunker(Small);
        var window = Small.Maximum + IChunkCutter.Lookahead;
        for (var round = 0; round < 200; round++)
        {
            var data = Mixed(random, 60_000);
            if (data.AsSpan(0, IChunkCutter.MinimumRun).IndexOfAnyExcept(data[0]) < 0)
                continue;
            var whole = chunker.Cut(data, final: true);
            Assert.Equal(whole, chunker.Cut(data.AsSpan(0, window), final: false));
            Assert.Equal(whole, chunker.Cut(data.AsSpan(0, Math.Min(data.Length, whole + IChunkCutter.Lookahead)), final: true));
        }
    }

    [Fact]
    public void Cutting_is_the_same_from_every_cut_on()
    {
        var random = new Random(13);
        var data = Mixed(random, 300_000);
        var chunker = new Chunker(Small);
        var cuts = Cuts(chunker, data);
        foreach (var start in cuts.Take(cuts.Count - 1).Where((_, i) => i % 7 == 0))
        {
            var rest = Cuts(chunker, data.AsSpan(start));
            Assert.Equal(cuts.Where(cut => cut > start), rest.Select(cut => cut + start));
        }
    }

    [Fact]
    public void An_insertion_moves_few_cuts()
    {
        var random = new Random(17);
        var data = Noise(3, 1_000_000);
        var chunker = new Chunker(Small);
        var before = Cuts(chunker, data);
        for (var round = 0; round < 20; round++)
        {
            var at = random.Next(data.Length);
            byte[] edited = [.. data[..at], 1, 2, 3, .. data[at..]];
            var after = Cuts(chunker, edited).Select(cut => cut > at + 3 ? cut - 3 : cut).ToHashSet();
            Assert.InRange(before.Count(cut => !after.Contains(cut)), 0, 12);
        }
    }

    [Fact]
    public void Sizes_stay_within_the_bounds_and_have_the_average_as_their_mean()
    {
        foreach (var average in new[] { 1024, 4096, 10_000, 32_768 })
        {
            var parameters = ChunkingParameters.ForAverage(average);
            var data = Noise(average, average * 1000);
            var cuts = Cuts(new Chunker(parameters), data);
            var last = 0;
            foreach (var cut in cuts)
            {
                Assert.True(cut == data.Length || cut - last >= parameters.Minimum);
                Assert.True(cut - last <= parameters.Maximum);
                last = cut;
            }

            Assert.InRange(data.Length / (double)cuts.Count, average * 0.95, average * 1.05);
        }
    }

    [Theory]
    [InlineData(4095, false)]
    [InlineData(4096, true)]
    [InlineData(4097, true)]
    [InlineData(300_000, true)]
    public void A_run_is_a_chunk_with_exact_edges(int length, bool isRun)
    {
        foreach (var start in new[] { 0, 1, 63, 2047, 2048, 2049, 70_000, 100_001 })
        {
            var data = Noise(4, start + length + 50_000);
            data.AsSpan(start, length).Fill(0xee);
            if (start > 0)
                data[start - 1] = 1;
            data[start + length] = 2;
            var chunks = new Chunk[400];
            var count = new Chunker(ChunkingParameters.Default).CutAll(data, chunks);
            Assert.Equal(isRun, chunks.Take(count).Contains(new Chunk(start, length)));
        }
    }

    [Fact]
    public void A_short_piece_that_is_not_the_end_is_refused() =>
        Assert.Throws<ArgumentException>(() => new Chunker(Small).Cut(new byte[100], final: false));

    [Fact]
    public void Sizes_that_make_no_sense_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new Chunker(new ChunkingParameters { Rule = 2 }));
        Assert.Throws<ArgumentException>(() => new Chunker(new ChunkingParameters { Minimum = 63 }));
        Assert.Throws<ArgumentException>(() => new Chunker(new ChunkingParameters { Average = 4096 }));
        Assert.Throws<ArgumentException>(() => new Chunker(new ChunkingParameters { Maximum = 1024 }));
        Assert.Throws<ArgumentException>(() => new Chunker(new ChunkingParameters { Maximum = (1 << 20) + 1 }));
    }
}
