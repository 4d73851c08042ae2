using Vt.Blocks.BlockTree;
using Vt.Blocks.Hashing;
using Vt.Stores.Memory;
using Vt.Tests.Trees;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Versions;
using Vt.Volumes.Branches;
using Vt.Volumes.Commits;

namespace Vt.Tests.Volumes;

/// <summary>Which commits of a history are shown, in which order, and how the history is drawn.</summary>
public sealed class HistoryTests : IAsyncLifetime
{
    readonly ManualClock _clock = new();
    readonly MemoryStore _store = new();
    readonly TreeBatch _batch;
    readonly DirectoryReader _reader;
    CommitStore _commits = null!;

    public HistoryTests()
    {
        _batch = new TreeBatch(_store);
        _reader = new DirectoryReader(_store, new DirectoryNodeCache());
    }

    public async Task InitializeAsync() => _commits = (await new VolumeCatalog(_store).CreateAsync("v", "main")).Commits;

    public async Task DisposeAsync()
    {
        _batch.Dispose();
        await _store.DisposeAsync();
    }

    [Fact]
    public void Commits_that_changed_a_path_are_those_whose_files_there_differ_from_every_parents() => Samples.ForAll(
        static random => random,
        random =>
        {
            var history = Run(RandomHistoryAsync(random));
            string[] paths = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => RandomPath(random, isFile: random.Next(2) == 0))];
            var filter = new PathFilter(_commits, _reader, [.. paths.Select(static path => (ReadOnlyMemory<byte>)Samples.Text(path))]);
            foreach (var made in history)
            {
                var isExpected = made.Parents.Count == 0
                    ? paths.Any(path => At(made.Files, path).Length > 0)
                    : made.Parents.All(parent => paths.Any(path => At(history[parent].Files, path) != At(made.Files, path)));
                Assert.Equal(isExpected, Run(filter.IsChangedInAsync(Run(_commits.ReadAsync(made.Id).AsTask())).AsTask()));
            }
        },
        tests: 60);

    [Fact]
    public void A_history_is_ordered_and_leads_from_each_chosen_commit_to_the_next_chosen_ones() => Samples.ForAll(
        static random => random,
        random =>
        {
            var history = Run(RandomHistoryAsync(random));
            var chosen = history.Where(_ => random.Next(3) > 0).Select(static made => made.Id).ToHashSet();
            var byCommit = history.ToDictionary(static made => Volume.FirstLine(Run(made.Commits.ReadAsync(made.Id).AsTask())), static made => made.Id);
            var found = Run(new HistoryGraph(_commits).FindAsync([history[^1].Id], (commit, _) => ValueTask.FromResult(chosen.Contains(byCommit[Volume.FirstLine(commit)]))).AsTask());
            var reached = Reached(history, history.Count - 1).ToHashSet();
            Assert.Equal(reached.Where(chosen.Contains).ToHashSet(), found.Select(static entry => entry.Id).ToHashSet());
            var seen = new HashSet<BlockHash>();
            foreach (var (id, parents) in found)
            {
                Assert.Equal(NearestOf(history, history.FindIndex(made => made.Id == id), chosen).ToHashSet(), parents.ToHashSet());
                Assert.DoesNotContain(parents, seen.Contains);
                seen.Add(id);
            }
        },
        tests: 100);

    [Fact]
    public void A_line_is_drawn_as_stars_with_bars_beside_further_lines() =>
        Assert.Equal(["* b 1", "| b 2", "* a 1", "  a 2"], Draw(2, "b:a", "a:"));

    [Fact]
    public void A_merge_opens_a_line_that_closes_where_both_come_from() =>
        Assert.Equal(["*   m", @"|\", "| * side", "* | main", "|/", "* base"], Draw(1, "m:main side", "side:base", "main:base", "base:"));

    [Fact]
    public void Text_stands_beside_the_lines_that_open() =>
        Assert.Equal(["*   m 1", @"|\  m 2", "| | m 3", "| * s 1", "| | s 2", "| | s 3", "* | a 1", "|/  a 2", "|   a 3", "* b 1", "  b 2", "  b 3"], Draw(3, "m:a s", "s:b", "a:b", "b:"));

    [Fact]
    public void A_merge_of_three_opens_two_lines() =>
        Assert.Equal(
            ["*     m", @"|\", @"|\ \", "| | * c", "| * | b", "| |/", "* | a", "|/", "* base"],
            Draw(1, "m:a b c", "c:base", "b:base", "a:base", "base:"));

    [Fact]
    public void Lines_that_cross_go_over_one_another() =>
        Assert.Equal(["* x", "| *   m", @"| |\", "| |/", "|/|", "* | y", " /", "* p"], Draw(1, "x:y", "m:p y", "y:", "p:"));

    [Fact]
    public void Histories_that_have_nothing_in_common_stand_below_one_another() =>
        Assert.Equal(["* b", "* a"], Draw(1, "b:", "a:"));

    static List<string> Draw(int linesEach, params string[] commits)
    {
        var graph = new GraphLines();
        using var output = new MemoryStream();
        using var writer = new Vt.Output.ResultWriter(output);
        foreach (var commit in commits)
        {
            var (name, parents) = (commit.Split(':')[0], commit.Split(':')[1].Split(' ', StringSplitOptions.RemoveEmptyEntries));
            var text = Enumerable.Range(1, linesEach).Select(line => linesEach == 1 ? name : $"{name} {line}");
            CommitText.PrintBeside(writer, text, graph.Add(Named(name), [.. parents.Select(Named)]));
        }

        writer.Flush();
        return [.. System.Text.Encoding.UTF8.GetString(output.ToArray()).TrimEnd('\n').Split('\n')];
    }

    static BlockHash Named(string name) => new(HashAlgorithmId.Blake3, System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(name)));

    sealed record Made(CommitStore Commits, BlockHash Id, List<int> Parents, SortedDictionary<string, int> Files);

    // Commits with clocks that sometimes go back, each of the files of its parents and some changes.
    async Task<List<Made>> RandomHistoryAsync(Random random)
    {
        var history = new List<Made>();
        for (var i = 0; i < random.Next(1, 15); i++)
        {
            var parents = Enumerable.Range(0, i == 0 ? 0 : random.Next(10) switch { 0 => 0, < 6 => 1, < 9 => 2, _ => 3 }).Select(_ => Math.Max(0, i - random.Next(1, 4))).Distinct().ToList();
            var files = new SortedDictionary<string, int>(parents.Count > 0 ? history[parents[random.Next(parents.Count)]].Files : [], StringComparer.Ordinal);
            for (var changes = random.Next(3); changes > 0; changes--)
            {
                var path = RandomPath(random, isFile: true);
                if (random.Next(3) == 0)
                    files.Remove(path);
                else
                    files[path] = random.Next(1, 4);
            }

            _clock.Now += TimeSpan.FromMinutes(random.Next(-2, 10));
            var root = new Dirent { Kind = DirentKind.Directory, Content = await BuildAsync([.. files.Select(static file => (file.Key.Split('/'), file.Value))], 0) };
            await _batch.DrainAsync();
            history.Add(new Made(_commits, await _commits.AddAsync(VolumeSamples.Of(root, $"number {i} {random.Next()}", _clock, [.. parents.Select(parent => history[parent].Id)])), parents, files));
        }

        return history;
    }

    async Task<BlockRef> BuildAsync((string[] Path, int Version)[] files, int depth)
    {
        var entries = new List<Dirent>();
        foreach (var group in files.GroupBy(file => file.Path[depth]))
        {
            var below = group.Where(file => file.Path.Length > depth + 1).ToArray();
            entries.Add(below.Length == 0
                ? Samples.File(Samples.Text(group.Key), group.First().Version)
                : new Dirent { Kind = DirentKind.Directory, Name = Samples.Text(group.Key), Content = await BuildAsync(below, depth + 1) });
        }

        return (await DirectoryBuilder.BuildAsync(_batch, entries)).Content;
    }

    static string RandomPath(Random random, bool isFile)
    {
        var folders = string.Join('/', Enumerable.Range(0, random.Next(1, 3)).Select(_ => $"d{random.Next(2)}"));
        return isFile ? $"{folders}/f{random.Next(3)}" : folders;
    }

    static string At(SortedDictionary<string, int> files, string path) =>
        string.Join(' ', files.Where(file => file.Key == path || file.Key.StartsWith(path + "/", StringComparison.Ordinal)).Select(static file => $"{file.Key}={file.Value}"));

    static IEnumerable<BlockHash> Reached(List<Made> history, int at) => history[at].Parents.SelectMany(parent => Reached(history, parent)).Prepend(history[at].Id);

    static IEnumerable<BlockHash> NearestOf(List<Made> history, int at, HashSet<BlockHash> chosen) =>
        history[at].Parents.SelectMany(parent => chosen.Contains(history[parent].Id) ? [history[parent].Id] : NearestOf(history, parent, chosen));

    static T Run<T>(Task<T> task) => task.GetAwaiter().GetResult();
}
