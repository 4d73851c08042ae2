using Vt.Blocks.Hashing;
using Vt.Stores.DataDir.Index;

namespace Vt.Tests.DataDir.Index;

public sealed class MemoryTableTests
{
    [Fact]
    public void A_memory_table_does_what_a_dictionary_would() =>
        TestBlocks.ForSeeds(10, seed =>
        {
            var random = new Random(seed);
            var table = new MemoryTable(HashAlgorithmId.Blake3);
            var model = new SortedDictionary<BlockHash, BlockLocation?>();
            for (var step = 0; step < 3000; step++)
                Step(table, model, random);
            Assert.Equal(model.Count, table.Count);
            var located = model.Where(pair => pair.Value is not null).ToDictionary(pair => pair.Key, pair => pair.Value!.Value);
            Assert.Equal(located, table.Enumerate().ToDictionary(block => block.Hash, block => block.Location));
        });

    [Fact]
    public void Of_many_threads_that_claim_a_block_one_gets_it()
    {
        var random = new Random(3);
        var hashes = TestBlocks.Many(random, 2000).Select(block => block.Hash).ToArray();
        var table = new MemoryTable(HashAlgorithmId.Blake3);
        var claimed = 0;
        Parallel.For(0, 8, worker =>
        {
            foreach (var hash in hashes)
            {
                if (table.Claim(hash, out _) == ClaimOutcome.Claimed)
                {
                    Interlocked.Increment(ref claimed);
                    table.Locate(hash, BlockLocation.At((uint)worker, 8, 8));
                }
            }
        });
        Assert.Equal(hashes.Length, claimed);
        var places = new BlockLocation[hashes.Length];
        Assert.Equal(hashes.Length, table.FindMany(hashes, places));
        for (uint worker = 0; worker < 8; worker++)
            table.RemovePack(worker);
        Assert.Equal(0, table.Count);
    }

    static void Step(MemoryTable table, SortedDictionary<BlockHash, BlockLocation?> model, Random random)
    {
        // Few names that collide in their tables: probes run long and wrap around.
        var hash = TestBlocks.Crafted(random, 9);
        var pack = (uint)random.Next(3);
        switch (random.Next(20))
        {
            case < 7:
                var expected = StateOf(model, hash, out var known) ?? ClaimOutcome.Claimed;
                Assert.Equal(expected, table.Claim(hash, out var found));
                Assert.Equal(known ?? default, found);
                model.TryAdd(hash, null);
                break;
            case < 11:
                model[hash] = TestBlocks.Location(random, pack);
                table.Locate(hash, model[hash]!.Value);
                break;
            case < 15:
                var mine = model.TryGetValue(hash, out var place) && place is null;
                Assert.Equal(mine, table.Release(hash));
                if (mine)
                    model.Remove(hash);
                break;
            case < 19:
                var state = StateOf(model, hash, out var at);
                Assert.Equal(state, table.Find(hash, out var got));
                Assert.Equal(at ?? default, got);
                break;
            default:
                if (random.Next(10) > 0)
                    break;
                table.RemovePack(pack);
                foreach (var gone in model.Where(pair => pair.Value?.Pack == pack).ToArray())
                    model.Remove(gone.Key);
                break;
        }
    }

    static ClaimOutcome? StateOf(SortedDictionary<BlockHash, BlockLocation?> model, BlockHash hash, out BlockLocation? location)
    {
        if (!model.TryGetValue(hash, out location))
            return null;
        return location is null ? ClaimOutcome.Pending : ClaimOutcome.Located;
    }
}
