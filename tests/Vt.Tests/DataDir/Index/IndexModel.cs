using Vt.Blocks.Hashing;
using Vt.Stores.DataDir.Index;

namespace Vt.Tests.DataDir.Index;

/// <summary>Two indexes over one folder, as two processes would have them, beside a plain list of what they should know.</summary>
sealed class IndexModel(int seed) : IDisposable
{
    readonly Random _random = new(seed);
    readonly TestPacks _packs = new();
    readonly Dictionary<PackId, Dictionary<BlockHash, BlockLocation>> _model = [];
    readonly List<BlockHash> _everything = [];
    BlockIndex? _mine;
    BlockIndex? _other;

    BlockIndex Mine => _mine ??= _packs.Open();

    BlockIndex Other => _other ??= _packs.Open();

    public void Step()
    {
        switch (_random.Next(16))
        {
            case < 6:
                Mine.AddPackRun(AddPack());
                break;
            case 6:
                Other.AddPackRun(AddPack());
                break;
            case 7:
                Mine.Merge();
                break;
            case 8:
                Other.Merge();
                break;
            case 9:
                ReopenMine();
                break;
            case 10:
                RemovePack();
                break;
            case 11:
                Mine.StartMerging();
                break;
            case 12:
                Mine.RebuildAsync().Wait();
                break;
            case 13:
                DamageMerged();
                break;
            case 14:
                DamagePack();
                break;
            default:
                DeleteFolder();
                break;
        }
    }

    public void AssertAgrees()
    {
        Mine.Refresh();
        AssertAgrees(Mine);
        if (_random.Next(4) == 0)
        {
            Other.Refresh();
            AssertAgrees(Other);
        }
    }

    /// <summary>A listing in batches of any size.</summary>
    public static List<IndexedBlock> All(BlockIndex index, BlockHash? after, int batch)
    {
        var all = new List<IndexedBlock>();
        var blocks = new IndexedBlock[batch];
        while (true)
        {
            var count = index.EnumerateFrom(after, blocks);
            all.AddRange(blocks.AsSpan(0, count));
            if (count < batch)
                return all;
            after = blocks[^1].Hash;
        }
    }

    public void Dispose()
    {
        _mine?.Dispose();
        _other?.Dispose();
        _packs.Dispose();
    }

    void AssertAgrees(BlockIndex index)
    {
        var hashes = _everything.Append(TestBlocks.Hash(_random)).ToArray();
        var places = new BlockLocation[hashes.Length];
        index.FindMany(hashes, places);
        for (var i = 0; i < hashes.Length; i++)
        {
            var expected = _model.Where(pack => pack.Value.ContainsKey(hashes[i]))
                .ToDictionary(pack => pack.Key, pack => pack.Value[hashes[i]]);
            if (expected.Count == 0)
                Assert.True(places[i].IsNone);
            else
                Assert.Equal(expected[index.PackAt(places[i].Pack)], places[i] with { Pack = 0 });
        }

        var listed = All(index, null, _random.Next(1, 500));
        Assert.Equal(_model.Values.SelectMany(pack => pack.Keys).Distinct().Order(), listed.Select(block => block.Hash));
    }

    PackId AddPack()
    {
        var blocks = TestBlocks.Many(_random, _random.Next(_random.Next(3) == 0 ? 200 : 20));
        foreach (var (hash, _) in blocks)
            _everything.Add(hash);
        for (var twice = _random.Next(3); twice > 0 && _everything.Count > 0; twice--)
        {
            var hash = _everything[_random.Next(_everything.Count)];
            if (!blocks.Exists(block => block.Hash == hash))
                blocks.Add((hash, TestBlocks.Location(_random)));
        }

        var pack = _packs.Add(blocks, (ulong)_model.Count);
        _model.Add(pack, blocks.ToDictionary(block => block.Hash, block => block.Location with { Pack = 0 }));
        return pack;
    }

    void ReopenMine()
    {
        _mine?.Dispose();
        _mine = null;
    }

    void ReopenBoth()
    {
        ReopenMine();
        _other?.Dispose();
        _other = null;
    }

    void RemovePack()
    {
        if (_model.Count == 0)
            return;
        var pack = _model.Keys.ElementAt(_random.Next(_model.Count));
        _model.Remove(pack);
        _packs.Remove(pack);
    }

    /// <summary>Flips a bit of a merged run. Pages are checked when they are first touched, so nobody has them mapped meanwhile.</summary>
    void DamageMerged()
    {
        ReopenBoth();
        var runs = _packs.MergedRuns();
        if (runs.Length == 0)
            return;
        var run = runs[_random.Next(runs.Length)];
        TestPacks.Flip(run, _random.NextInt64(new FileInfo(run).Length), _random);
    }

    void DamagePack()
    {
        ReopenBoth();
        if (_model.Count == 0)
            return;
        try
        {
            _packs.DamageContents(_model.Keys.ElementAt(_random.Next(_model.Count)), _random);
        }
        catch (Vt.Blocks.Contracts.FormatInvalidException)
        {
            // Damaged already.
        }
    }

    void DeleteFolder()
    {
        ReopenBoth();
        if (Directory.Exists(_packs.IndexFolder))
            Directory.Delete(_packs.IndexFolder, recursive: true);
    }
}
