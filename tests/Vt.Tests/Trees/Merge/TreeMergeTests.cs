using System.Text;
using Vt.Blocks.BlockTree;
using Vt.Trees.Archives;
using Vt.Trees.Diff;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Merge;

namespace Vt.Tests.Trees.Merge;

public sealed class TreeMergeTests : IDisposable
{
    static readonly Guid _linked = new("11111111-2222-3333-4444-555555555555");

    readonly CountingStore _store = new();
    readonly TreeBatch _batch;
    readonly DirectoryReader _reader;

    public TreeMergeTests()
    {
        _batch = new TreeBatch(_store);
        _reader = new DirectoryReader(_store, new DirectoryNodeCache());
    }

    public void Dispose() => _batch.Dispose();

    [Fact]
    public void A_merge_takes_from_each_side_what_it_changed() => Samples.ForAll(
        static random => random,
        random =>
        {
            var before = RandomTree(random, random.Next(60));
            var (ours, theirs) = (Changed(random, before), Changed(random, before));
            var (expected, conflicts) = Model(before, ours, theirs);
            var outcome = Run(MergeFilesAsync(before, ours, theirs));
            Assert.Equal(expected.OrderBy(f => f.Key, StringComparer.Ordinal), Run(FilesAsync(outcome.Root)).OrderBy(f => f.Key, StringComparer.Ordinal));
            Assert.Equal(
                conflicts.OrderBy(c => c.Key, StringComparer.Ordinal),
                outcome.Conflicts.Where(static c => Text(c.Path).Split('/')[^1][0] == 'f').ToDictionary(static c => Text(c.Path), static c => c.Kind).OrderBy(c => c.Key, StringComparer.Ordinal));
        },
        tests: 400);

    [Fact]
    public void Disjoint_changes_merge_to_the_same_whichever_side_is_ours() => Samples.ForAll(
        static random => random,
        random =>
        {
            var before = RandomTree(random, 60);
            var (ours, theirs) = (new Dictionary<string, int>(before), new Dictionary<string, int>(before));
            foreach (var path in RandomTree(random, 30).Keys.Union(before.Keys).ToList())
            {
                var side = random.Next(3) switch { 0 => ours, 1 => theirs, _ => null };
                if (random.Next(2) == 0)
                    side?.Remove(path);
                else if (side is not null)
                    side[path] = random.Next(4, 9);
            }

            var (one, other) = (Run(MergeFilesAsync(before, ours, theirs)), Run(MergeFilesAsync(before, theirs, ours)));
            Assert.Equal(Run(FilesAsync(one.Root)).OrderBy(f => f.Key, StringComparer.Ordinal), Run(FilesAsync(other.Root)).OrderBy(f => f.Key, StringComparer.Ordinal));
            Assert.DoesNotContain(one.Conflicts.Concat(other.Conflicts), static c => Text(c.Path).Split('/')[^1][0] == 'f');
        },
        tests: 200);

    [Fact]
    public async Task What_only_one_side_changed_is_that_side_and_costs_what_changed()
    {
        var files = Enumerable.Range(0, 3000).ToDictionary(static i => $"d{i % 30}/d{i % 7}/f{i}", static i => i % 5);
        var changed = new Dictionary<string, int>(files) { ["d3/d3/f3"] = 9, ["d4/new/f"] = 1 };
        var (before, after) = (await BuildAsync(files), await BuildAsync(changed));
        Assert.Empty(await DiffAsync(after, (await MergeAsync(before, before, after)).Root));
        Assert.Empty(await DiffAsync(after, (await MergeAsync(before, after, before)).Root));
        Assert.Empty(await DiffAsync(after, (await MergeAsync(before, after, after)).Root));
        _store.ResetCounts();
        await new TreeMerger(new DirectoryReader(_store, new DirectoryNodeCache()), "x").MergeAsync(before, before, after);
        Assert.InRange(_store.Gets, 1, 40);
    }

    [Fact]
    public async Task Content_and_mode_of_one_file_come_from_different_sides()
    {
        var file = Samples.File(Samples.Text("f"), 1);
        var ours = file with { Metadata = file.Metadata with { Mode = 0x1c0, ChangeTime = new(5, 0) } };
        var theirs = Samples.File(Samples.Text("f"), 2);
        var outcome = await MergeAsync(await RootAsync([file]), await RootAsync([ours]), await RootAsync([theirs]));
        Assert.Empty(outcome.Conflicts);
        var merged = (await EntriesAsync(outcome.Root)).Single();
        Assert.Equal((0x1c0u, theirs.Content, theirs.Metadata.ModificationTime), (merged.Metadata.Mode, merged.Content, merged.Metadata.ModificationTime));

        var third = file with { Metadata = file.Metadata with { Mode = 0x180 } };
        outcome = await MergeAsync(await RootAsync([file]), await RootAsync([ours]), await RootAsync([third]));
        Assert.Equal(MergeConflictKind.Metadata, Assert.Single(outcome.Conflicts).Kind);
        Assert.Equal(0x1c0u, (await EntriesAsync(outcome.Root)).Single().Metadata.Mode);
    }

    [Fact]
    public async Task Different_contents_lie_side_by_side()
    {
        var outcome = await MergeFilesAsync(new() { ["d/f"] = 1 }, new() { ["d/f"] = 2, ["d/f.theirs-x"] = 7 }, new() { ["d/f"] = 3 });
        var conflict = Assert.Single(outcome.Conflicts);
        Assert.Equal(("d/f", MergeConflictKind.Content, "d/f.theirs-x-2"), (Text(conflict.Path), conflict.Kind, Text(conflict.Sibling)));
        Assert.Equal(new() { ["d/f"] = 2, ["d/f.theirs-x"] = 7, ["d/f.theirs-x-2"] = 3 }, await FilesAsync(outcome.Root));
    }

    [Fact]
    public async Task A_file_on_one_side_and_a_folder_on_the_other_are_both_kept()
    {
        var outcome = await MergeFilesAsync(new() { ["a"] = 1, ["b/c"] = 1 }, new() { ["a/x"] = 2, ["b"] = 3 }, new() { ["a"] = 4, ["b/c"] = 5, ["b/new"] = 6 });
        Assert.Equal(
            new() { ["a/x"] = 2, ["a.theirs-x"] = 4, ["b"] = 3, ["b.theirs-x/c"] = 5, ["b.theirs-x/new"] = 6 },
            await FilesAsync(outcome.Root));
        Assert.Equal(["a Kind", "b/c RemovedHere"], outcome.Conflicts.Select(c => $"{Text(c.Path)} {c.Kind}"));
        outcome = await MergeFilesAsync(new() { ["a"] = 1 }, new() { ["a"] = 2 }, new() { ["a/x"] = 3, ["a/y/z"] = 4 });
        Assert.Equal(new() { ["a"] = 2, ["a.theirs-x/x"] = 3, ["a.theirs-x/y/z"] = 4 }, await FilesAsync(outcome.Root));
    }

    [Fact]
    public async Task Hard_links_of_both_sides_are_counted()
    {
        var before = await LinkedAsync(1, ["a", "b"]);
        var ours = await LinkedAsync(1, ["a"]);
        var theirs = await LinkedAsync(2, ["a", "b", "c", "d/e"]);
        var outcome = await MergeAsync(before, ours, theirs);
        Assert.Empty(outcome.Conflicts);
        var inode = await _reader.LookupInodeAsync(outcome.Root.Inodes, _linked);
        Assert.Equal(3u, inode!.Metadata.LinkCount);
        Assert.Equal(Samples.File([], 2).Content, inode.Content);
        foreach (var name in (string[])["a", "c", "d/e"])
            Assert.Equal(_linked, (await TreePath.ResolveAsync(_reader, outcome.Root, Samples.Text(name)))!.Uuid);
        Assert.Null(await TreePath.ResolveAsync(_reader, outcome.Root, Samples.Text("d/f")));

        // The last names go with their inode.
        outcome = await MergeAsync(before, before, await LinkedAsync(1, []));
        Assert.Equal(0, outcome.Root.Inodes.Span);
        Assert.Empty(await EntriesAsync(outcome.Root));
    }

    [Theory]
    [InlineData("a b", "a b", "a b", "a=2 a.theirs-x=3 b=2 b.theirs-x=3")]
    [InlineData("", "a b", "a c", "a=2 a.theirs-x=3 b=2 c=3")]
    [InlineData("", "a b", "d/c d/e", "a=2 b=2 d/c=3 d/e=3")]
    [InlineData("", "a d", "d/c d/e", "a=2 d=2 d.theirs-x/c=3 d.theirs-x/e=3")]
    [InlineData("a d/c", "a d", "a d/c", "a=2 a.theirs-x=3 d=2")]
    public async Task Two_inodes_of_one_UUID_do_not_become_one(string before, string ours, string theirs, string expected)
    {
        var outcome = await MergeAsync(await LinkedAsync(1, Words(before)), await LinkedAsync(2, Words(ours)), await LinkedAsync(3, Words(theirs)));
        Assert.Equal(expected, await VersionsAsync(outcome.Root));
        Assert.Equal(2u, (await _reader.LookupInodeAsync(outcome.Root.Inodes, _linked))!.Metadata.LinkCount);
    }

    [Theory]
    [InlineData("b c", "a=2 b=2 c=2")]
    [InlineData("a d/c d/e", "a=2 b=2 d/c=2 d/e=2")]
    public async Task A_name_that_they_gave_an_inode_has_what_we_wrote_to_it(string theirs, string expected)
    {
        var (before, ours) = (await LinkedAsync(1, ["a", "b"]), await LinkedAsync(2, ["a", "b"]));
        Assert.Equal(expected, await VersionsAsync((await MergeAsync(before, ours, await LinkedAsync(1, Words(theirs)))).Root));
    }

    static (Dictionary<string, int> Files, Dictionary<string, MergeConflictKind> Conflicts) Model(
        Dictionary<string, int> before, Dictionary<string, int> ours, Dictionary<string, int> theirs)
    {
        var (files, conflicts) = (new Dictionary<string, int>(), new Dictionary<string, MergeConflictKind>());
        foreach (var path in before.Keys.Union(ours.Keys).Union(theirs.Keys))
        {
            int? b = Get(before), o = Get(ours), t = Get(theirs);
            var result = o == t || t == b ? o : o == b ? t : o ?? t;
            if (result is { } version)
                files[path] = version;
            if (o == t || t == b || o == b)
                continue;
            conflicts[path] = o is null ? MergeConflictKind.RemovedHere : t is null ? MergeConflictKind.RemovedThere : MergeConflictKind.Content;
            if (o is not null && t is { } their)
                files[path + ".theirs-x"] = their;

            int? Get(Dictionary<string, int> tree) => tree.TryGetValue(path, out var value) ? value : null;
        }

        return (files, conflicts);
    }

    static Dictionary<string, int> RandomTree(Random random, int count)
    {
        var files = new Dictionary<string, int>();
        for (var i = 0; i < count; i++)
            files[string.Concat(Enumerable.Range(0, random.Next(3)).Select(_ => $"d{random.Next(4)}/")) + $"f{random.Next(12)}"] = random.Next(1, 4);
        return files;
    }

    static Dictionary<string, int> Changed(Random random, Dictionary<string, int> before)
    {
        var after = new Dictionary<string, int>(before);
        var often = random.Next(2, 8);
        foreach (var path in before.Keys)
        {
            if (random.Next(often) == 0)
                after.Remove(path);
            else if (random.Next(often) == 0)
                after[path] = random.Next(1, 5);
        }

        foreach (var (path, version) in RandomTree(random, random.Next(15)))
            after.TryAdd(path, version);
        return after;
    }

    async Task<MergeOutcome> MergeFilesAsync(Dictionary<string, int> before, Dictionary<string, int> ours, Dictionary<string, int> theirs) =>
        await MergeAsync(await BuildAsync(before), await BuildAsync(ours), await BuildAsync(theirs));

    async Task<MergeOutcome> MergeAsync(Dirent before, Dirent ours, Dirent theirs) => await new TreeMerger(_reader, "x").MergeAsync(before, ours, theirs);

    async Task<List<TreeChange>> DiffAsync(Dirent before, Dirent after)
    {
        var changes = new List<TreeChange>();
        await foreach (var change in new TreeDiff(_reader).CompareAsync(before, after))
            changes.Add(change);
        return changes;
    }

    async Task<List<Dirent>> EntriesAsync(Dirent root)
    {
        var entries = new List<Dirent>();
        await foreach (var entry in _reader.EnumerateAsync(root.Content))
            entries.Add(entry);
        return entries;
    }

    async Task<Dictionary<string, int>> FilesAsync(Dirent root)
    {
        var files = new Dictionary<string, int>();
        foreach (var entry in await EntriesAsync(root))
        {
            var name = Text(entry.Name);
            if (entry.Kind == DirentKind.File)
                files[name] = (int)(entry.Content.Span - 1000);
            foreach (var (below, version) in entry.Kind == DirentKind.Directory ? await FilesAsync(entry) : [])
                files[$"{name}/{below}"] = version;
        }

        return files;
    }

    async Task<Dirent> BuildAsync(Dictionary<string, int> files)
    {
        var content = await BuildAsync([.. files.Select(static file => (file.Key.Split('/'), file.Value))], 0);
        await _batch.DrainAsync();
        return new Dirent { Kind = DirentKind.Directory, Content = content };
    }

    async Task<BlockRef> BuildAsync((string[] Path, int Version)[] files, int depth)
    {
        var entries = new List<Dirent>();
        foreach (var group in files.GroupBy(file => file.Path[depth]).OrderBy(static group => group.Key, StringComparer.Ordinal))
        {
            var below = group.Where(file => file.Path.Length > depth + 1).ToArray();
            entries.Add(below.Length == 0
                ? Samples.File(Samples.Text(group.Key), group.First().Version)
                : new Dirent { Kind = DirentKind.Directory, Name = Samples.Text(group.Key), Content = await BuildAsync(below, depth + 1) });
        }

        return (await DirectoryBuilder.BuildAsync(_batch, entries)).Content;
    }

    async Task<Dirent> RootAsync(IEnumerable<Dirent> entries)
    {
        var content = (await DirectoryBuilder.BuildAsync(_batch, entries)).Content;
        await _batch.DrainAsync();
        return new Dirent { Kind = DirentKind.Directory, Content = content };
    }

    // Names of one inode, in the root or in the folder d.
    async Task<Dirent> LinkedAsync(int version, string[] names)
    {
        var entries = new List<Dirent>();
        foreach (var name in names.Where(static name => !name.Contains('/', StringComparison.Ordinal)))
            entries.Add(LinkAt(name));
        var below = names.Where(static name => name.StartsWith("d/", StringComparison.Ordinal)).Select(static name => LinkAt(name[2..])).ToList();
        if (below.Count > 0)
            entries.Add(new Dirent { Kind = DirentKind.Directory, Name = "d"u8.ToArray(), Content = (await DirectoryBuilder.BuildAsync(_batch, below)).Content });
        var inode = Samples.File([], version) with { Uuid = _linked };
        var inodes = names.Length == 0 ? default : (await DirectoryBuilder.BuildAsync(
            _batch, [inode with { Metadata = inode.Metadata with { LinkCount = (uint)names.Length } }], DirectoryOrder.Uuids)).Content;
        return await RootAsync(entries) with { Inodes = inodes };
    }

    static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    // Every name with the version of what it is a name of.
    async Task<string> VersionsAsync(Dirent root)
    {
        var names = new List<string>();
        await AddAsync("", root);
        return string.Join(' ', names);

        async Task AddAsync(string path, Dirent folder)
        {
            foreach (var entry in await EntriesAsync(folder))
            {
                if (entry.Kind == DirentKind.Directory)
                    await AddAsync($"{path}{Text(entry.Name)}/", entry);
                else
                    names.Add($"{path}{Text(entry.Name)}={(await TreePath.FollowAsync(_reader, root, entry)).Content.Span - 1000}");
            }
        }
    }

    static Dirent LinkAt(string name) => new() { Kind = DirentKind.Indirect, Name = Samples.Text(name), Uuid = _linked };

    static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    static T Run<T>(Task<T> task) => task.GetAwaiter().GetResult();
}
