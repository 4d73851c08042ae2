using Vt.Blocks.Hashing;
using Vt.Commands;
using Vt.Trees.Directories;
using Vt.Trees.Meta;
using Vt.Volumes.Branches;
using Vt.Volumes.Commits;

namespace Vt.Versions;

/// <summary>Shows those commits of a volume that are asked for.</summary>
sealed record CommitLog
{
    /// <summary>Only commits after it; null for all.</summary>
    public Timestamp? Since { get; init; }

    /// <summary>Only commits up to it; null for all.</summary>
    public Timestamp? Until { get; init; }

    /// <summary>Only commits in which one of these paths changed; none for all.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Paths { get; init; } = [];

    /// <summary>The most that are shown.</summary>
    public int Most { get; init; } = int.MaxValue;

    /// <summary>Whether the oldest comes first.</summary>
    public bool IsReversed { get; init; }

    /// <summary>Whether the history is drawn beside the commits.</summary>
    public bool HasGraph { get; init; }

    /// <summary>Whether a commit has one line only.</summary>
    public bool IsShort { get; init; }

    /// <summary>Whether each is a JSON object.</summary>
    public bool IsJson { get; init; }

    /// <summary>Shows the commits that are reached from some.</summary>
    public async Task ShowAsync(CommandContext context, OpenVolumes volumes, Volume volume, IReadOnlyCollection<BlockHash> starts, CancellationToken cancellationToken)
    {
        var names = await NamesAsync(volumes, volume, cancellationToken);
        var filter = new PathFilter(volume.Commits, new DirectoryReader(volumes.Store, new DirectoryNodeCache()), Paths);
        if (HasGraph)
            await ShowGraphAsync(context, volume, starts, names, filter, cancellationToken);
        else
            await ShowListAsync(context, volume, starts, names, filter, cancellationToken);
    }

    async Task ShowListAsync(
        CommandContext context, Volume volume, IReadOnlyCollection<BlockHash> starts, Dictionary<BlockHash, string> names, PathFilter filter, CancellationToken cancellationToken)
    {
        var left = Most;
        var kept = new List<(BlockHash Id, Commit Commit)>();
        await foreach (var (id, commit) in new CommitWalk(volume.Commits).WalkAsync(starts, cancellationToken))
        {
            if (left == 0)
                break;
            if (!await IsChosenAsync(commit, filter, cancellationToken))
                continue;
            left--;
            if (IsReversed)
                kept.Add((id, commit));
            else
                Show(context, id, commit, names);
        }

        kept.Reverse();
        foreach (var (id, commit) in kept)
            Show(context, id, commit, names);
    }

    async Task ShowGraphAsync(
        CommandContext context, Volume volume, IReadOnlyCollection<BlockHash> starts, Dictionary<BlockHash, string> names, PathFilter filter, CancellationToken cancellationToken)
    {
        var graph = new GraphLines();
        var chosen = await new HistoryGraph(volume.Commits).FindAsync(starts, (commit, token) => IsChosenAsync(commit, filter, token), cancellationToken);
        foreach (var (id, parents) in chosen.Take(Most))
        {
            var commit = await volume.Commits.ReadAsync(id, cancellationToken);
            CommitText.PrintBeside(context.Output, CommitText.LinesOf(id, commit, names.GetValueOrDefault(id, ""), IsShort), graph.Add(id, parents));
        }
    }

    async ValueTask<bool> IsChosenAsync(Commit commit, PathFilter filter, CancellationToken cancellationToken)
    {
        var when = commit.Committer.When;
        return !(Since is { } from && when.CompareTo(from) <= 0) && !(Until is { } to && when.CompareTo(to) > 0)
            && (Paths.Count == 0 || await filter.IsChangedInAsync(commit, cancellationToken));
    }

    void Show(CommandContext context, BlockHash id, Commit commit, Dictionary<BlockHash, string> names)
    {
        if (IsJson)
            CommitText.PrintJson(context.Output, id, commit);
        else
            CommitText.Print(context.Output, id, commit, names.GetValueOrDefault(id, ""), IsShort);
    }

    static async Task<Dictionary<BlockHash, string>> NamesAsync(OpenVolumes volumes, Volume volume, CancellationToken cancellationToken)
    {
        var names = new Dictionary<BlockHash, string>();
        var head = await volumes.HeadOfAsync(volume, cancellationToken);
        await foreach (var branch in volume.ListBranchesAsync(cancellationToken))
            Add(await volume.ReadTipAsync(branch, cancellationToken), branch == head ? $"HEAD -> {branch}" : branch);
        await foreach (var tag in volume.ListTagsAsync(cancellationToken))
            Add(await volume.ReadTagAsync(tag, cancellationToken), $"tag: {tag}");
        return names;

        void Add(BlockHash? id, string name)
        {
            if (id is { } commit)
                names[commit] = names.TryGetValue(commit, out var others) ? $"{others}, {name}" : name;
        }
    }
}
