using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Hosts.StaticExport;
using Vt.Trees.Archives;
using Vt.Trees.Dirents;
using Vt.Trees.Sync;
using Vt.Volumes.Commits;

namespace Vt.References;

/// <summary>
/// Brings what the references of one store lead to into another, and then the references. Nothing that the other store has goes: a branch moves only to
/// a commit that has its own among its ancestors, a tag never, and a volume whose name is another's stays away. Each movement is one compare-and-swap, made when
/// all that it needs is durable.
/// </summary>
/// <param name="source">Has all; not disposed.</param>
/// <param name="target">Gets it; not disposed.</param>
/// <param name="note">What the movement logs say.</param>
sealed class StoreUnpacking(IBlockStore source, IBlockStore target, string note)
{
    const string New = "new";
    const string Moved = "moved";
    const string Same = "same";
    const string Kept = "kept";
    const string VolumeNamePrefix = "volumes/";
    const string VolumePrefix = "volume/";

    readonly CommitWalk _commits = new(new CommitStore(target));
    readonly HashSet<string> _barred = new(StringComparer.Ordinal); // ids of volumes whose name is taken

    /// <summary>How far it is.</summary>
    public TransferCounters Counters { get; } = new();

    /// <summary>Brings everything.</summary>
    /// <param name="cancellationToken">Gives up; what was brought stays, and no reference stands for what is not there.</param>
    /// <returns>What became of each reference.</returns>
    /// <exception cref="UserErrorException">One of the stores keeps no references.</exception>
    /// <exception cref="BlockMissingException">The source has not got all that its references need; no reference was moved.</exception>
    public async Task<IReadOnlyList<UnpackedReference>> RunAsync(CancellationToken cancellationToken)
    {
        var references = target as IRefStore ?? throw new UserErrorException($"{target.Description} keeps no references");
        var all = await ReadAllAsync(cancellationToken);
        await BarVolumesAsync(references, all, cancellationToken);
        var transfer = new TreeTransfer(source, target, new TransferOptions { Counters = Counters });
        await transfer.RunAsync(ItemsOf(all, transfer.Reader), cancellationToken);

        // In ordinal order a volume's name comes behind its branches, so that it never stands for a volume without any.
        var outcomes = new List<UnpackedReference>();
        foreach (var (name, value) in all)
            outcomes.Add(await MoveAsync(references, name, value, cancellationToken));
        return outcomes;
    }

    async Task<SortedDictionary<string, string>> ReadAllAsync(CancellationToken cancellationToken)
    {
        var references = source as IRefStore ?? throw new UserErrorException($"{source.Description} has no references");
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal);
        await foreach (var name in references.ListAsync(cancellationToken: cancellationToken))
        {
            if (await references.ReadAsync(name, cancellationToken) is { } value)
                all.Add(name, value);
        }

        return all.Count > 0 ? all : throw new UserErrorException($"{source.Description} has no references: nothing says what is in it");
    }

    async Task BarVolumesAsync(IRefStore references, SortedDictionary<string, string> all, CancellationToken cancellationToken)
    {
        foreach (var (name, id) in all.Where(static reference => reference.Key.StartsWith(VolumeNamePrefix, StringComparison.Ordinal)))
        {
            if (await references.ReadAsync(name, cancellationToken) is { } other && other != id)
                _barred.Add(id);
        }
    }

    bool IsBarred(string name, string value) =>
        name.StartsWith(VolumeNamePrefix, StringComparison.Ordinal) ? _barred.Contains(value)
        : name.StartsWith(VolumePrefix, StringComparison.Ordinal) && _barred.Contains(name[VolumePrefix.Length..].Split('/')[0]);

    List<TransferItem> ItemsOf(SortedDictionary<string, string> all, IBlockStore reader)
    {
        var items = new List<TransferItem>();
        var trees = new TreeItems(reader);
        var commits = new CommitStore(reader);
        foreach (var (name, value) in all)
        {
            if (IsBarred(name, value))
                continue;
            if (RootOf(name, value) is { } root)
                trees.AddTree(root, items);
            else if (name.StartsWith(VolumePrefix, StringComparison.Ordinal) && BlockHash.TryParse(value, out var id))
                items.Add(CommitItem(id));
        }

        return items;

        TransferItem CommitItem(BlockHash id) => new(id, async (below, cancellationToken) =>
        {
            var commit = await commits.ReadAsync(id, cancellationToken);
            trees.AddTree(commit.Root, below);
            foreach (var parent in commit.Parents)
                below.Add(CommitItem(parent));
        });
    }

    static Dirent? RootOf(string name, string value)
    {
        if (name.StartsWith(ArchiveRegistration.Prefix, StringComparison.Ordinal))
            return ArchiveRegistration.TryParse(value)?.Root;
        return IsTree(name) && Dirent.TryParse(value, out var root) ? root : null;
    }

    static bool IsTree(string name) => name.StartsWith(StoreSelection.TreePrefix, StringComparison.Ordinal) || name.StartsWith(PublishedTree.Prefix, StringComparison.Ordinal);

    async Task<UnpackedReference> MoveAsync(IRefStore references, string name, string value, CancellationToken cancellationToken)
    {
        if (IsBarred(name, value))
            return new(name, Kept, name.StartsWith(VolumeNamePrefix, StringComparison.Ordinal) ? "there is another volume of that name; vt volume rename gives it another" : "its volume's name is another's");
        if (RootOf(name, value) is null && !name.StartsWith(VolumePrefix, StringComparison.Ordinal) && !name.StartsWith(VolumeNamePrefix, StringComparison.Ordinal))
            return new(name, Kept, "this version does not know what it stands for");
        while (true)
        {
            var current = await references.ReadAsync(name, cancellationToken);
            if (current == value)
                return new(name, Same);
            if (current is not null && await WhyKeptAsync(name, current, value, cancellationToken) is { } why)
                return new(name, Kept, why);
            if (await references.TryMoveAsync(name, current, value, note, cancellationToken))
                return new(name, current is null ? New : Moved);
        }
    }

    // Why another value that is there stays; null where it gives way.
    async ValueTask<string?> WhyKeptAsync(string name, string current, string value, CancellationToken cancellationToken)
    {
        if (IsTree(name))
            return null;
        if (name.StartsWith(ArchiveRegistration.Prefix, StringComparison.Ordinal))
            return ArchiveRegistration.TryParse(current) is { } mine && mine.When >= ArchiveRegistration.Parse(value).When ? "the store has a state of it that is as new" : null;
        if (name.Contains("/tags/", StringComparison.Ordinal))
            return "the tag stands for another commit here";
        if (!BlockHash.TryParse(value, out var theirs))
            return "the branch has commits here, and none in the file";
        if (!BlockHash.TryParse(current, out var ours))
            return null;
        if (await _commits.IsAncestorAsync(ours, theirs, cancellationToken))
            return null;
        return await _commits.IsAncestorAsync(theirs, ours, cancellationToken)
            ? "the branch is further here"
            : $"the branch went another way here; the file's commit is {theirs}, which vt merge joins with it";
    }
}
