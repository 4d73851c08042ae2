using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Trees.Archives;
using Vt.Trees.Diff;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Tests.Trees;

public sealed class TreeDiffTests : IDisposable
{
    readonly CountingStore _store = new();
    readonly TreeBatch _batch;
    readonly DirectoryReader _reader;

    public TreeDiffTests()
    {
        _batch = new TreeBatch(_store);
        _reader = new DirectoryReader(_store, new DirectoryNodeCache());
    }

    public void Dispose() => _batch.Dispose();

    [Fact]
    public async Task Equal_trees_have_no_changes_and_cost_nothing()
    {
        var tree = await BuildAsync(new() { ["a/b"] = 1, ["a/c"] = 2, ["d"] = 3 });
        _store.ResetCounts();
        Assert.Empty(await DiffAsync(tree, tree));
        Assert.Equal(0, _store.Gets);
    }

    [Fact]
    public async Task Every_kind_of_change_is_told_in_the_order_of_the_paths()
    {
        var before = await BuildAsync(new() { ["a/same"] = 1, ["a/touched"] = 2, ["b/x/deep"] = 3, ["c"] = 4, ["gone/one"] = 5 });
        var after = await BuildAsync(new() { ["a/same"] = 1, ["a/touched"] = 9, ["b/x/deep"] = 3, ["b/y"] = 6, ["c/now/dir"] = 7, ["new/one"] = 8 });
        Assert.Equal(
            [
                "Modified Content, Metadata a/touched",
                "Added None b/y",
                "Modified Kind, Content, Metadata c",
                "Added None c/now",
                "Added None c/now/dir",
                "Removed None gone",
                "Removed None gone/one",
                "Added None new",
                "Added None new/one",
            ],
            await DescribeAsync(before, after));
    }

    [Fact]
    public void The_changes_are_those_of_the_paths() => Samples.ForAll(
        static random => random,
        random =>
        {
            var before = RandomTree(random, random.Next(200));
            var after = new Dictionary<string, int>(before);
            foreach (var path in before.Keys.Where(_ => random.Next(10) == 0))
                after.Remove(path);
            foreach (var path in before.Keys.Where(_ => random.Next(10) == 0))
                after[path] = random.Next(1, 4);
            foreach (var (path, version) in RandomTree(random, random.Next(20)))
                after.TryAdd(path, version);
            var (left, right) = (Run(BuildAsync(before)), Run(BuildAsync(after)));
            var found = Run(DiffAsync(left, right))
                .Where(static change => (change.After ?? change.Before)!.Kind == DirentKind.File)
                .ToDictionary(static change => System.Text.Encoding.ASCII.GetString(change.Path.Span), static change => change.Kind);
            var expected = before.Keys.Union(after.Keys)
                .Where(path => before.GetValueOrDefault(path) != after.GetValueOrDefault(path))
                .ToDictionary(
                    static path => path,
                    path => !before.ContainsKey(path) ? TreeChangeKind.Added : !after.ContainsKey(path) ? TreeChangeKind.Removed : TreeChangeKind.Modified);
            Assert.Equal(expected, found);
        },
        tests: 100);

    [Fact]
    public async Task Bookkeeping_is_told_only_when_asked_for()
    {
        var file = Samples.File(Samples.Text("a"));
        var moved = file with { Metadata = file.Metadata with { SourceInode = 77, ChangeTime = new Timestamp(1, 1) } };
        var before = await RootAsync([file]);
        var after = await RootAsync([moved]);
        Assert.Empty(await DiffAsync(before, after));
        var all = await DiffAsync(before, after, new TreeDiffOptions { ReportBookkeeping = true });
        Assert.Equal(ChangedParts.Bookkeeping, Assert.Single(all).Parts);
    }

    [Fact]
    public async Task A_changed_inode_is_told_under_every_path_that_names_it()
    {
        var (first, second) = (new Guid(Samples.Bytes(new Random(1), 16, 16)), new Guid(Samples.Bytes(new Random(2), 16, 16)));
        var entries = new[] { Link("k", first), Link("l", second), Samples.File(Samples.Text("m")) };
        var inner = await RootAsync(entries);
        var directory = new Dirent { Kind = DirentKind.Directory, Name = Samples.Text("in"), Content = inner.Content };
        var before = await RootAsync([directory, Link("a", first), Link("z", first)], [Inode(first, 1, 3), Inode(second, 1, 1)]);
        var after = await RootAsync([directory, Link("a", first), Samples.File(Samples.Text("b")), Link("z", first)], [Inode(first, 2, 3), Inode(second, 1, 1)]);
        Assert.Equal(
            ["Modified Content, Metadata a", "Added None b", "Modified Content, Metadata in/k", "Modified Content, Metadata z"],
            await DescribeAsync(before, after));
    }

    [Fact]
    public async Task A_file_that_got_a_second_name_is_one_added_path()
    {
        var uuid = Guid.NewGuid();
        var file = Inode(uuid, 1, 0) with { Uuid = null };
        var before = await RootAsync([file with { Name = Samples.Text("a") }]);
        var after = await RootAsync([Link("a", uuid), Link("b", uuid)], [Inode(uuid, 1, 2)]);
        Assert.Equal(["Added None b"], await DescribeAsync(before, after));
    }

    [Fact]
    public async Task A_hard_link_without_its_inode_is_damage()
    {
        var before = await RootAsync([]);
        var after = await RootAsync([Link("a", Guid.NewGuid())]);
        await Assert.ThrowsAsync<FormatInvalidException>(() => DiffAsync(before, after));
    }

    [Fact]
    public async Task The_cost_follows_the_difference()
    {
        var files = Enumerable.Range(0, 100)
            .SelectMany(static d => Enumerable.Range(0, 300).Select(f => $"d{d:D3}/f{f:D4}"))
            .ToDictionary(static path => path, static _ => 1);
        var before = await BuildAsync(files);
        foreach (var d in new[] { 3, 33, 77 })
            files[$"d{d:D3}/f0123"] = 2;
        var after = await BuildAsync(files);
        _store.ResetCounts();
        var cold = new DirectoryReader(_store, new DirectoryNodeCache(0));
        var changes = 0;
        await foreach (var change in new TreeDiff(cold).CompareAsync(before, after))
            changes++;
        Assert.Equal(3, changes);
        Assert.InRange(_store.Gets, 1, 3 * 2 * 5);
    }

    [Fact]
    public async Task A_path_leads_to_its_entry()
    {
        var tree = await BuildAsync(new() { ["a/b/c"] = 1, ["d"] = 2 });
        Assert.Equal(Samples.File(Samples.Text("c"), 1), await ResolveAsync(tree, "a/b/c"));
        Assert.Equal(Samples.File(Samples.Text("c"), 1), await ResolveAsync(tree, "//a/./b//c/"));
        Assert.Equal(tree, await ResolveAsync(tree, ""));
        Assert.Null(await ResolveAsync(tree, "a/x"));
        Assert.Null(await ResolveAsync(tree, "d/x"));
        Assert.Null(await ResolveAsync(tree, "a/.."));
    }

    static T Run<T>(Task<T> task)
    {
        Assert.True(task.IsCompleted);
        return task.GetAwaiter().GetResult();
    }

    static Dirent Link(string name, Guid uuid) => new() { Kind = DirentKind.Indirect, Name = Samples.Text(name), Uuid = uuid };

    static Dirent Inode(Guid uuid, int version, uint links)
    {
        var file = Samples.File([], version);
        return file with { Uuid = uuid, Metadata = file.Metadata with { LinkCount = links } };
    }

    static Dictionary<string, int> RandomTree(Random random, int files)
    {
        var tree = new Dictionary<string, int>();
        for (var i = 0; i < files; i++)
        {
            var path = string.Concat(Enumerable.Range(0, random.Next(3)).Select(_ => $"d{random.Next(4)}/")) + $"f{random.Next(1000)}";
            tree[path] = random.Next(1, 4);
        }

        return tree;
    }

    ValueTask<Dirent?> ResolveAsync(Dirent tree, string path) => TreePath.ResolveAsync(_reader, tree, Samples.Text(path));

    async Task<List<TreeChange>> DiffAsync(Dirent before, Dirent after, TreeDiffOptions? options = null)
    {
        var changes = new List<TreeChange>();
        await foreach (var change in new TreeDiff(_reader, options).CompareAsync(before, after))
            changes.Add(change);
        return changes;
    }

    async Task<IEnumerable<string>> DescribeAsync(Dirent before, Dirent after) =>
        (await DiffAsync(before, after)).Select(static change => $"{change.Kind} {change.Parts} {System.Text.Encoding.ASCII.GetString(change.Path.Span)}");

    async Task<Dirent> RootAsync(Dirent[] entries, Dirent[]? inodes = null)
    {
        var root = await DirectoryBuilder.BuildAsync(_batch, entries);
        var table = await DirectoryBuilder.BuildAsync(_batch, inodes ?? [], DirectoryOrder.Uuids);
        await _batch.DrainAsync();
        return new Dirent { Kind = DirentKind.Directory, Content = root.Content, Inodes = table.Content };
    }

    async Task<Dirent> BuildAsync(Dictionary<string, int> files)
    {
        var content = await BuildAsync(files.Select(static file => (file.Key.Split('/'), file.Value)).ToArray(), 0);
        await _batch.DrainAsync();
        return new Dirent { Kind = DirentKind.Directory, Content = content };
    }

    async Task<BlockRef> BuildAsync((string[] Path, int Version)[] files, int depth)
    {
        var entries = new List<Dirent>();
        foreach (var group in files.GroupBy(file => file.Path[depth]))
        {
            var name = Samples.Text(group.Key);
            var below = group.Where(file => file.Path.Length > depth + 1).ToArray();
            entries.Add(below.Length == 0
                ? Samples.File(name, group.First().Version)
                : new Dirent { Kind = DirentKind.Directory, Name = name, Content = await BuildAsync(below, depth + 1) });
        }

        return (await DirectoryBuilder.BuildAsync(_batch, entries)).Content;
    }
}
