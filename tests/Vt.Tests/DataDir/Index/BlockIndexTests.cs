using Vt.Blocks.Hashing;
using Vt.Posix;
using Vt.Stores.DataDir.Index;

namespace Vt.Tests.DataDir.Index;

public sealed class BlockIndexTests
{
    [Fact]
    public void An_index_does_what_a_dictionary_would_through_merges_damage_and_other_processes() =>
        TestBlocks.ForSeeds(8, seed =>
        {
            using var model = new IndexModel(seed);
            for (var step = 0; step < 30; step++)
            {
                model.Step();
                model.AssertAgrees();
            }
        });

    [Fact]
    public void Many_packs_become_few_runs()
    {
        using var packs = new TestPacks();
        using var index = packs.Open();
        var random = new Random(1);
        for (var i = 0; i < 100; i++)
        {
            index.AddPackRun(packs.Add(TestBlocks.Many(random, 500)));
            Assert.True(!index.IsMergeDue || index.Merge());
        }

        var statistics = index.Statistics();
        Assert.Equal(100, statistics.Packs);
        Assert.Equal(50000, statistics.Places);
        Assert.InRange(statistics.MergedRuns + statistics.PackRuns, 1, 2 * MergePolicy.Fan);
        Assert.Equal(statistics.MergedRuns, packs.MergedRuns().Length);
        Assert.Empty(index.Verify());
    }

    [Fact]
    public async Task Lookups_go_on_while_merges_swap_the_runs()
    {
        using var packs = new TestPacks();
        using var index = packs.Open();
        var random = new Random(2);
        var all = new List<BlockHash>();
        var done = false;
        var first = TestBlocks.Many(random, 2000);
        index.AddPackRun(packs.Add(first));
        var readers = Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            var hashes = first.Select(block => block.Hash).ToArray();
            var places = new BlockLocation[hashes.Length];
            while (!Volatile.Read(ref done))
            {
                Array.Clear(places);
                Assert.Equal(hashes.Length, index.FindMany(hashes, places));
            }
        })).ToArray();
        for (var i = 0; i < 40; i++)
        {
            index.AddPackRun(packs.Add(TestBlocks.Many(random, 300)));
            index.Merge();
            index.Refresh();
        }

        await index.RebuildAsync();
        Volatile.Write(ref done, true);
        await Task.WhenAll(readers);
        Assert.Equal(1, index.Statistics().MergedRuns);
    }

    [Fact]
    public void A_deleted_index_folder_is_made_again_from_the_packs()
    {
        using var packs = new TestPacks();
        var blocks = Enumerable.Range(0, 20).Select(i => TestBlocks.Many(new Random(i), 200)).ToList();
        foreach (var pack in blocks)
            packs.Add(pack);
        using (var index = packs.Open())
        {
            Assert.True(index.Merge());
            Assert.Equal(1, index.Statistics().MergedRuns);
        }

        Directory.Delete(packs.IndexFolder, recursive: true);
        using var again = packs.Open();
        Assert.All(blocks.SelectMany(pack => pack), block => Assert.True(again.TryFind(block.Hash, out _)));
        Assert.True(again.IsMergeDue);
        Assert.True(again.Merge());
        Assert.Single(packs.MergedRuns());
        Assert.Equal(0, packs.Scans);
    }

    [Fact]
    public void A_pack_whose_contents_table_is_damaged_is_scanned_once_and_named()
    {
        using var packs = new TestPacks();
        var blocks = TestBlocks.Many(new Random(4), 100);
        var pack = packs.Add(blocks);
        packs.DamageContents(pack, new Random(5));
        using (var index = packs.Open())
        {
            Assert.All(blocks, block => Assert.True(index.TryFind(block.Hash, out _)));
            index.Verify();
            Assert.Equal(pack, Assert.Single(index.Damages).Pack);
            Assert.Equal(1, packs.Scans);
            Assert.True(index.Merge());
        }

        using var again = packs.Open();
        Assert.All(blocks, block => Assert.True(again.TryFind(block.Hash, out _)));
        Assert.Equal(1, packs.Scans);
        Assert.Empty(again.Damages);
    }

    [Fact]
    public async Task A_damaged_merged_run_is_dropped_and_its_packs_answer()
    {
        using var packs = new TestPacks();
        var random = new Random(6);
        var blocks = Enumerable.Range(0, 10).Select(_ => TestBlocks.Many(random, 300)).ToList();
        foreach (var pack in blocks)
            packs.Add(pack);
        using (var index = packs.Open())
            index.Merge();
        var file = Assert.Single(packs.MergedRuns());
        var length = new FileInfo(file).Length;
        for (var offset = 0L; offset < length; offset += 1 + random.Next(8000))
        {
            using var index = packs.Open();
            await index.RebuildAsync();
            TestPacks.Flip(Assert.Single(packs.MergedRuns()), offset, random);
            using var fresh = packs.Open();
            Assert.All(blocks.SelectMany(pack => pack), block => Assert.True(fresh.TryFind(block.Hash, out _)));
            fresh.Verify();
            Assert.Null(Assert.Single(fresh.Damages).Pack);
            Assert.Equal(10, fresh.Statistics().PackRuns);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(191)]
    [InlineData(2000)]
    public async Task A_merged_run_that_was_cut_short_is_dropped_and_its_packs_answer(int length)
    {
        using var packs = new TestPacks();
        var blocks = TestBlocks.Many(new Random(12), 300);
        packs.Add(blocks);
        using (var index = packs.Open())
            await index.RebuildAsync();
        using (var file = File.OpenWrite(Assert.Single(packs.MergedRuns())))
            file.SetLength(length);
        using var again = packs.Open();
        Assert.All(blocks, block => Assert.True(again.TryFind(block.Hash, out _)));
        Assert.Null(Assert.Single(again.Damages).Pack);
        Assert.Empty(packs.MergedRuns());
    }

    [Fact]
    public async Task A_reader_that_never_refreshes_keeps_finding_what_another_process_merged_away()
    {
        using var packs = new TestPacks();
        var blocks = TestBlocks.Many(new Random(13), 300);
        packs.Add(blocks);
        using var reader = packs.Open();
        using (var other = packs.Open())
        {
            for (var round = 0; round < 3; round++)
                await other.RebuildAsync();
        }

        Directory.Delete(packs.IndexFolder, recursive: true);
        Assert.All(blocks, block => Assert.True(reader.TryFind(block.Hash, out _)));
        reader.Refresh();
        Assert.All(blocks, block => Assert.True(reader.TryFind(block.Hash, out _)));
    }

    [Fact]
    public void A_name_of_another_algorithm_is_not_found()
    {
        using var packs = new TestPacks();
        var blocks = TestBlocks.Many(new Random(14), 10);
        packs.Add(blocks);
        using var index = packs.Open();
        var other = new BlockHash(HashAlgorithmId.Sha256, blocks[0].Hash.Digest);
        Assert.False(index.TryFind(other, out _));
        Assert.Empty(index.FindAll(other));
        Assert.Empty(IndexModel.All(index, other, 4));
    }

    [Fact]
    public async Task Blocks_of_a_pack_that_is_gone_are_found_elsewhere_or_not_at_all()
    {
        using var packs = new TestPacks();
        var random = new Random(8);
        var blocks = TestBlocks.Many(random, 100);
        var older = packs.Add(blocks, sequence: 1);
        var newer = packs.Add(blocks.Take(50).ToList(), sequence: 2);
        using var index = packs.Open();
        await index.RebuildAsync();
        Assert.Equal(newer, PackOf(index, blocks[0].Hash));
        Assert.Equal(older, PackOf(index, blocks[50].Hash));
        Assert.Equal(2, index.FindAll(blocks[0].Hash).Count);
        packs.Remove(newer);
        Assert.True(index.Refresh());
        Assert.All(blocks, block => Assert.Equal(older, PackOf(index, block.Hash)));
        packs.Remove(older);
        Assert.True(index.Refresh());
        Assert.All(blocks, block => Assert.False(index.TryFind(block.Hash, out _)));
        Assert.Equal(0, index.Count);
        index.Merge();
        Assert.Empty(packs.MergedRuns());
    }

    [Fact]
    public void Enumeration_gives_every_block_once_in_order_from_any_start()
    {
        using var packs = new TestPacks();
        var random = new Random(9);
        var blocks = TestBlocks.Many(random, 1000);
        packs.Add(blocks.Take(700).ToList());
        packs.Add(blocks.Skip(300).ToList());
        using var index = packs.Open();
        var expected = blocks.Select(block => block.Hash).Order().ToList();
        for (var start = -1; start < expected.Count; start += 97)
        {
            var listed = IndexModel.All(index, start < 0 ? null : expected[start], 64);
            Assert.Equal(expected.Skip(start + 1), listed.Select(block => block.Hash));
        }
    }

    [Fact]
    public void Only_one_process_merges_at_a_time()
    {
        using var packs = new TestPacks();
        using var index = packs.Open();
        using var other = PosixFile.Open(Path.Combine(packs.IndexFolder, "lock"), OpenFlags.O_RDWR);
        Assert.True(Locks.Flock(other, LockKind.Exclusive, wait: false));
        Assert.False(index.Merge());
        other.Dispose();
        Assert.True(index.Merge());
    }

    [Fact]
    public async Task What_an_interrupted_merge_left_is_cleared_away()
    {
        using var packs = new TestPacks();
        packs.Add(TestBlocks.Many(new Random(10), 10));
        using var index = packs.Open();
        await index.RebuildAsync();
        var run = Assert.Single(packs.MergedRuns());
        File.Copy(run, Path.Combine(packs.IndexFolder, $"0-{PackId.Create()}.run"));
        File.WriteAllText(Path.Combine(packs.IndexFolder, "half.tmp"), "half");
        index.Merge();
        Assert.Single(packs.MergedRuns());
        Assert.Empty(Directory.GetFiles(packs.IndexFolder, "*.tmp"));
    }

    static PackId? PackOf(BlockIndex index, BlockHash hash) =>
        index.TryFind(hash, out var location) ? index.PackAt(location.Pack) : null;
}
