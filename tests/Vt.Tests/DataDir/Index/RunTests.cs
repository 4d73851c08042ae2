using System.Security.Cryptography;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores.DataDir.Index;

namespace Vt.Tests.DataDir.Index;

public sealed class RunTests
{
    /// <summary>SHA-256 of a run of a hundred blocks as version 1 writes it. It never changes: old packs end in such runs.</summary>
    const string Golden = "2dc14417588eebadc4e7c34017d489351c01059cc213dc542bde0ff77b422c3d";

    [Fact]
    public void An_empty_run_is_whole_and_finds_nothing()
    {
        var run = TestBlocks.ToRun([]);
        run.Verify(CancellationToken.None);
        Assert.Equal(0, run.Count);
        Assert.Null(TestBlocks.Find(run, TestBlocks.Hash(new Random(1))));
    }

    [Fact]
    public void A_run_finds_just_the_blocks_it_was_built_from() =>
        TestBlocks.ForSeeds(30, seed =>
        {
            var random = new Random(seed);
            var blocks = TestBlocks.Many(random, random.Next(random.Next(2) == 0 ? 100 : 6000));
            var run = TestBlocks.ToRun(blocks);
            run.Verify(CancellationToken.None);
            Assert.Equal(blocks.Count, run.Count);
            foreach (var (hash, location) in blocks)
                Assert.Equal(location with { Pack = 0 }, TestBlocks.Find(run, hash));
            for (var i = 0; i < 500; i++)
                Assert.Null(TestBlocks.Find(run, TestBlocks.Hash(random)));
        });

    [Fact]
    public void Digests_that_differ_in_their_last_bits_only_are_found_too() =>
        TestBlocks.ForSeeds(6, seed =>
        {
            var random = new Random(seed);
            var blocks = TestBlocks.Many(random, random.Next(1, 20000), source => TestBlocks.Crafted(source, 40));
            var run = TestBlocks.ToRun(blocks);
            run.Verify(CancellationToken.None);
            foreach (var (hash, location) in blocks)
                Assert.Equal(location with { Pack = 0 }, TestBlocks.Find(run, hash));
            for (var i = 0; i < 500; i++)
                Assert.Null(TestBlocks.Find(run, TestBlocks.Crafted(random, 63)));
        });

    [Fact]
    public void Entries_sort_as_their_digests_do() =>
        TestBlocks.ForSeeds(25, seed =>
        {
            var random = new Random(seed);
            Func<Random, BlockHash> source = random.Next(2) == 0 ? TestBlocks.Hash : from => TestBlocks.Crafted(from, from.Next(1, 60));
            var entries = Enumerable.Range(0, random.Next(3000))
                .Select(i => new IndexEntry(BlockKey.Of(source(random)), BlockLocation.At(0, 0, i + 1))).ToArray();
            var expected = entries.Select(entry => entry.Key.ToHash(HashAlgorithmId.Blake3)).Order().ToArray();
            EntrySort.Sort(entries);
            Assert.Equal(expected, entries.Select(entry => entry.Key.ToHash(HashAlgorithmId.Blake3)));
            Assert.Equal(entries.Length, entries.Select(entry => entry.Location.Length).Distinct().Count());
        });

    [Fact]
    public void A_block_that_was_added_twice_stands_once()
    {
        var random = new Random(7);
        var hash = TestBlocks.Hash(random);
        var run = TestBlocks.ToRun([(hash, TestBlocks.Location(random)), (hash, TestBlocks.Location(random))]);
        run.Verify(CancellationToken.None);
        Assert.Equal(1, run.Count);
        Assert.NotNull(TestBlocks.Find(run, hash));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(75)]
    public void Any_flipped_bit_is_found_by_verify_and_never_makes_a_lookup_lie(int count)
    {
        var random = new Random(count);
        var blocks = TestBlocks.Many(random, count);
        var bytes = TestBlocks.ToBytes(blocks);
        for (var at = 0; at < bytes.Length; at++)
        {
            var damaged = (byte[])bytes.Clone();
            damaged[at] ^= (byte)(1 << random.Next(8));
            Assert.Throws<FormatInvalidException>(() => Run.Open(damaged, HashAlgorithmId.Blake3, "test").Verify(CancellationToken.None));
            if (TryOpen(damaged) is not { } run)
                continue;
            foreach (var (hash, location) in blocks.Skip(random.Next(Math.Max(1, count - 4))).Take(4))
                AssertRightOrRefused(run, hash, location with { Pack = 0 });
            AssertRightOrRefused(run, TestBlocks.Hash(random), null);
        }
    }

    [Fact]
    public void A_run_that_is_cut_short_or_has_bytes_after_it_is_refused()
    {
        var bytes = TestBlocks.ToBytes(TestBlocks.Many(new Random(5), 40));
        for (var length = 0; length < bytes.Length; length++)
            Assert.Throws<FormatInvalidException>(() => Run.Open(bytes[..length], HashAlgorithmId.Blake3, "test"));
        Assert.Throws<FormatInvalidException>(() => Run.Open([.. bytes, 0], HashAlgorithmId.Blake3, "test"));
    }

    [Fact]
    public void Any_bytes_behind_valid_checksums_are_refused_or_answered_but_never_crash()
    {
        var random = new Random(11);
        var blocks = TestBlocks.Many(random, 200);
        var bytes = TestBlocks.ToBytes(blocks);
        for (var round = 0; round < 1000; round++)
        {
            var crafted = (byte[])bytes.Clone();
            for (var flips = random.Next(1, 4); flips > 0; flips--)
                crafted[random.Next(crafted.Length)] ^= (byte)(1 << random.Next(8));
            RunForger.FixChecksums(crafted);
            if (TryOpen(crafted) is not { } run)
                continue;
            foreach (var (hash, _) in blocks.Take(20))
                Attempt(() => TestBlocks.Find(run, hash));
            Attempt(() => run.Verify(CancellationToken.None));
            Attempt(() => RunForger.ReadAll(run));
        }
    }

    [Fact]
    public void A_run_of_another_hash_algorithm_is_refused() =>
        Assert.Throws<FormatInvalidException>(() => Run.Open(TestBlocks.ToBytes([]), HashAlgorithmId.Sha256, "test"));

    [Fact]
    public void The_format_is_the_one_that_version_1_has()
    {
        var blocks = Enumerable.Range(0, 100).Select(i => (
            new BlockHash(HashAlgorithmId.Blake3, SHA256.HashData([(byte)i])), BlockLocation.At(0, i * 4096L, 4096 + i, i % 7, 1)));
        Assert.Equal(Golden, Convert.ToHexStringLower(SHA256.HashData(TestBlocks.ToBytes(blocks))));
    }

    static Run? TryOpen(byte[] bytes)
    {
        try
        {
            return Run.Open(bytes, HashAlgorithmId.Blake3, "test");
        }
        catch (FormatInvalidException)
        {
            return null;
        }
    }

    static void AssertRightOrRefused(Run run, BlockHash hash, BlockLocation? expected)
    {
        try
        {
            Assert.Equal(expected, TestBlocks.Find(run, hash));
        }
        catch (FormatInvalidException)
        {
            // Refused, as it should be.
        }
    }

    static void Attempt(Action action)
    {
        try
        {
            action();
        }
        catch (FormatInvalidException)
        {
            // Refused, as it may be.
        }
    }
}
