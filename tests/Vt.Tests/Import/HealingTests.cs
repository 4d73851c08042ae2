using System.Text;
using Vt.Blocks.Contracts;
using Vt.Stores.DataDir;
using Vt.Stores.DataDir.Inspection;
using Vt.Tests.Support;
using Vt.Trees.Check;
using Vt.Trees.Dirents;
using Vt.Trees.Import;

namespace Vt.Tests.Import;

/// <summary>Imports of a source that has not changed into a store that has lost something.</summary>
public sealed class HealingTests : IDisposable
{
    readonly TempFolder _folder = new(inMemory: true);
    readonly List<ImportIssue> _issues = [];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_a_store_has_lost_of_the_last_state_is_stored_again_and_gives_the_same_root(bool isPackLost)
    {
        var source = _folder.Make("source");
        new TreeGenerator(4, 0.3).Make(source);
        for (var i = 0; i < 3000; i++)
            File.WriteAllText(Path.Combine(source, $"small{i}"), $"{i}");
        File.CreateSymbolicLink(Path.Combine(source, "longlink"), new string('x', 1000));
        DataDirStore.Initialise(_folder["sound"]);
        var root = await ImportAsync("sound", source, null);
        for (var seed = 0; seed < 24; seed++)
        {
            Copy(_folder["sound"], _folder[$"{seed}"]);
            var random = new Random(seed);
            var packs = Directory.GetFiles(Path.Combine(_folder[$"{seed}"], "packs")).Order(StringComparer.Ordinal).ToArray();
            var pack = packs[seed % packs.Length];
            if (isPackLost)
                File.Delete(pack);
            else
                Damage(pack, random.NextDouble());
            if (isPackLost && seed >= packs.Length)
                break;
            var report = await new DataDirInspector(_folder[$"{seed}"]).VerifyAsync();
            Assert.NotEmpty(report.Faults);
            var healed = await ImportAsync($"{seed}", source, root);
            Assert.True(root.Equals(healed), $"seed {seed}: {healed} is not {root}");
            Assert.DoesNotContain(_issues, issue => issue.IsFault);
            await CheckAsync($"{seed}", healed);
            Directory.Delete(_folder[$"{seed}"], recursive: true);
        }
    }

    [Fact]
    public async Task An_import_that_meets_a_damaged_folder_goes_around_it_though_nobody_has_noted_it()
    {
        var source = _folder.Make("source");
        for (var i = 0; i < 3000; i++)
            File.WriteAllText(Path.Combine(source, $"small{i}"), $"{i}");
        DataDirStore.Initialise(_folder["store"]);
        var root = await ImportAsync("store", source, null);
        Damage(Assert.Single(Directory.GetFiles(Path.Combine(_folder["store"], "packs"))), 0.3);
        var counters = new ImportCounters();
        Assert.Equal(root, await ImportAsync("store", source, root, counters));
        Assert.Equal(3000, counters.Entries);
        Assert.Equal(ImportIssueKind.PreviousLost, Assert.Single(_issues).Kind);
        await CheckAsync("store", root);
    }

    [Fact]
    public async Task Names_that_the_source_no_longer_has_stay_as_far_as_they_can_be_read()
    {
        var source = _folder.Make("source");
        for (var i = 0; i < 12_000; i++)
            File.WriteAllText(Path.Combine(source, $"small{i}"), $"{i}");
        DataDirStore.Initialise(_folder["store"]);
        var root = await ImportAsync("store", source, null);
        Damage(Assert.Single(Directory.GetFiles(Path.Combine(_folder["store"], "packs"))), 0.3);
        foreach (var file in Directory.GetFiles(source))
            File.Delete(file);
        var kept = await ImportAsync("store", source, root);
        var counters = new CheckCounters();
        await CheckAsync("store", kept, counters);
        Assert.InRange(counters.Entries, 500, 11_900);
    }

    static void Damage(string pack, double where)
    {
        using var file = File.OpenHandle(pack, FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.Write(file, new byte[64], (long)((RandomAccess.GetLength(file) - 64) * where));
    }

    static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var folder in Directory.GetDirectories(from, "*", SearchOption.AllDirectories))
            Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, folder)));
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
            File.Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)));
    }

    async Task<Dirent> ImportAsync(string store, string source, Dirent? previous, ImportCounters? counters = null)
    {
        await using var opened = DataDirStore.Open(_folder[store]);
        var result = await new Importer(opened).ImportAsync(
            Encoding.UTF8.GetBytes(source), previous, default, new ImportOptions { OnIssue = _issues.Add, Counters = counters });
        return result.Root;
    }

    async Task CheckAsync(string store, Dirent root, CheckCounters? counters = null)
    {
        var faults = new List<TreeFault>();
        await using IBlockStore opened = DataDirStore.Open(_folder[store], new DataDirOptions { IsReadOnly = true });
        await new TreeChecker(opened, readData: true, faults.Add, counters).CheckAsync([new CheckedTree(store, root)]);
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }
}
