using System.Text;
using Vt.Trees.Diff;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Merge;

namespace Vt.Trees.Shadow;

/// <summary>
/// Merges what a folder and an archive changed since both agreed. Each side's changes are found by structure against its own tree of then, and the two lists are gone
/// through together in the order of paths: the time goes with what changed, memory with what has to be changed on either side.
/// </summary>
/// <remarks>
/// A directory that one side removed and the other worked in stays with what was worked on. Directories of which only one side knows come whole, without being looked
/// through. One use only; not safe for use by several threads.
/// </remarks>
public sealed partial class ShadowMerger
{
    static readonly TreeDiffOptions _all = new() { ReportBookkeeping = true };

    readonly DirectoryReader _reader;
    readonly ShadowMergeOptions _options;
    readonly ShadowTrees _trees;
    readonly MergePlan _plan = new();
    readonly PathTree _touched = new();
    readonly PathTree _forTarget = new();
    readonly Dictionary<Guid, List<string>> _names = [];
    readonly HashSet<Guid> _linked = [];
    readonly List<ShadowConflict> _conflicts = [];

    // Directories that the folder removed and that go from the archive unless something below stays.
    readonly Stack<RemovedFolder> _removed = new();
    bool _folderLoses;
    bool _hasPlan;
    string? _skipped;

    /// <summary>Prepares one merge.</summary>
    /// <param name="reader">Reads the trees.</param>
    /// <param name="trees">The trees.</param>
    /// <param name="options">How.</param>
    public ShadowMerger(DirectoryReader reader, ShadowTrees trees, ShadowMergeOptions options) => (_reader, _trees, _options) = (reader, trees, options);

    /// <summary>Merges.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="Blocks.Contracts.FormatInvalidException">A hard link's inode is not in its table, or a node is damaged.</exception>
    public async ValueTask<ShadowOutcome> MergeAsync(CancellationToken cancellationToken = default)
    {
        await using var ours = ChangesAsync(_trees.Seen, _trees.Folder, null, cancellationToken).GetAsyncEnumerator(cancellationToken);
        await using var theirs = ChangesAsync(_trees.Agreed, _trees.Target, _names, cancellationToken).GetAsyncEnumerator(cancellationToken);
        var (our, their) = (await NextAsync(ours), await NextAsync(theirs));
        while (our is not null || their is not null)
        {
            var order = our is null ? 1 : their is null ? -1 : Compare(our.Value.Path, their.Value.Path);
            var path = order <= 0 ? our!.Value.Path : their!.Value.Path;
            await TakeAsync(path, order <= 0 ? our!.Value.Change : null, order >= 0 ? their!.Value.Change : null, cancellationToken);
            if (order <= 0)
                our = await NextAsync(ours);
            if (order >= 0)
                their = await NextAsync(theirs);
        }

        LeaveFolders(null);
        var root = _trees.Target;
        if (_hasPlan)
        {
            using var batch = new TreeBatch(_reader.Store);
            root = await new MergeApplier(_reader, batch, _trees.Target, _trees.Folder).ApplyAsync(_plan, cancellationToken);
            root = await JoinLinksAsync(root, batch, cancellationToken);
            await batch.DrainAsync(cancellationToken);
        }

        return new ShadowOutcome(root, _forTarget, _touched, _names, _conflicts, _folderLoses);
    }

    // Changes that are more than what a place does to its entries.
    async IAsyncEnumerable<(string Path, TreeChange Change)> ChangesAsync(
        Dirent? before, Dirent after, Dictionary<Guid, List<string>>? names, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var change in new TreeDiff(_reader, _all).CompareAsync(before ?? ShadowTrees.Nothing, after, cancellationToken))
        {
            var path = Encoding.Latin1.GetString(change.Path.Span);
            if (names is not null && ShadowEntries.LinkOf(change.After) is { } link)
                AddName(names, link, path);
            if (before is null && path.Length == 0)
                yield return (path, new TreeChange(change.Path, TreeChangeKind.Added, ChangedParts.None, null, change.After));
            else if (ShadowEntries.IsReal(change))
                yield return (path, change);
        }
    }

    static void AddName(Dictionary<Guid, List<string>> names, Guid link, string path)
    {
        if (!names.TryGetValue(link, out var paths))
            names.Add(link, paths = []);
        paths.Add(path);
    }

    static async ValueTask<(string Path, TreeChange Change)?> NextAsync(IAsyncEnumerator<(string Path, TreeChange Change)> changes) =>
        await changes.MoveNextAsync() ? changes.Current : null;

    // The order in which trees are gone through: what is in a folder comes before what follows the folder.
    static int Compare(string one, string other)
    {
        var length = Math.Min(one.Length, other.Length);
        for (var i = 0; i < length; i++)
        {
            if (one[i] != other[i])
                return (one[i] == '/' ? 0 : one[i]) - (other[i] == '/' ? 0 : other[i]);
        }

        return one.Length - other.Length;
    }

    async ValueTask TakeAsync(string path, TreeChange? our, TreeChange? their, CancellationToken cancellationToken)
    {
        if (_skipped is not null && path.StartsWith(_skipped, StringComparison.Ordinal))
            return;
        _skipped = null;
        LeaveFolders(path);
        var ours = our is not null ? our.After : await ResolveAsync(_trees.Folder, path, cancellationToken);
        var theirs = their is not null ? their.After : await ResolveAsync(_trees.Target, path, cancellationToken);
        if (ours is null && theirs is null)
            return;
        if (ours is null)
            await TakeTheirsAsync(path, our, their, theirs!, cancellationToken);
        else if (theirs is null)
            await TakeOursAsync(path, our, their, ours, cancellationToken);
        else if (ours.Kind != theirs.Kind)
            await TakeKindsAsync(path, our, their, (ours, theirs), cancellationToken);
        else
            await TakeBothAsync(path, our is null ? ours : our.Before, ours, their is null ? theirs : their.Before, theirs, cancellationToken);
    }

    // The folder hasn't got it.
    async ValueTask TakeTheirsAsync(string path, TreeChange? our, TreeChange? their, Dirent theirs, CancellationToken cancellationToken)
    {
        if (our is null)
        {
            Touch(path);
            Skip(path);
            return;
        }

        var before = their is not null ? their.Before : theirs;
        if (theirs.Kind == DirentKind.Directory && before is { Kind: DirentKind.Directory })
        {
            var then = await ResolveAsync(_trees.Agreed!, path, cancellationToken);
            if (then is not null && then.Content == theirs.Content)
            {
                RemoveFromTarget(path);
                Skip(path);
                return;
            }

            _touched.Mark(path);
            _removed.Push(new RemovedFolder(path));
            return;
        }

        if (their is null)
        {
            RemoveFromTarget(path);
            return;
        }

        var isFolderKept = _options.Rule == ConflictRule.Folder;
        _conflicts.Add(new ShadowConflict(BytesOf(path), ShadowConflictKind.RemovedInFolder, isFolderKept, default));
        if (isFolderKept)
            RemoveFromTarget(path);
        else
            Touch(path);
        Skip(path);
    }

    // The archive hasn't got it.
    async ValueTask TakeOursAsync(string path, TreeChange? our, TreeChange? their, Dirent ours, CancellationToken cancellationToken)
    {
        if (their is null)
        {
            await PutInTargetAsync(path, ours, isWhole: true, cancellationToken);
            Skip(path);
            return;
        }

        var before = our is not null ? our.Before : ours;
        if (ours.Kind == DirentKind.Directory && before is { Kind: DirentKind.Directory })
        {
            var then = await ResolveAsync(_trees.Seen!, path, cancellationToken);
            Touch(path);
            if (then is not null && then.Content == ours.Content)
                Skip(path);
            return;
        }

        if (our is null)
        {
            Touch(path);
            return;
        }

        var isFolderKept = _options.Rule != ConflictRule.Store;
        var sibling = isFolderKept ? "" : await LoseAsync(path, ours, cancellationToken);
        _conflicts.Add(new ShadowConflict(BytesOf(path), ShadowConflictKind.RemovedInStore, isFolderKept, BytesOf(sibling)));
        if (isFolderKept)
            await PutInTargetAsync(path, ours, isWhole: true, cancellationToken);
        else
            Touch(path);
        Skip(path);
    }

    async ValueTask TakeKindsAsync(string path, TreeChange? our, TreeChange? their, (Dirent Ours, Dirent Theirs) now, CancellationToken cancellationToken)
    {
        var (ours, theirs) = now;
        if (our is null && await IsAsThenAsync(_trees.Seen, path, ours, cancellationToken))
        {
            Touch(path);
            Skip(path);
        }
        else if (their is null && our?.Before is not null && await IsAsThenAsync(_trees.Agreed, path, theirs, cancellationToken))
        {
            await PutInTargetAsync(path, ours, isWhole: true, cancellationToken);
            Skip(path);
        }
        else
        {
            await ResolveConflictAsync(path, ShadowConflictKind.Kind, ours, theirs, cancellationToken);
        }
    }

    async ValueTask TakeBothAsync(string path, Dirent? ourBefore, Dirent ours, Dirent? theirBefore, Dirent theirs, CancellationToken cancellationToken)
    {
        var fields = ShadowFields.Merge(ourBefore, ours, theirBefore, theirs, _options.Rule == ConflictRule.Folder);
        if (fields.IsContentInConflict)
        {
            await ResolveConflictAsync(path, ShadowConflictKind.Content, ours, theirs, cancellationToken);
            return;
        }

        if (fields.IsMetadataInConflict)
            _conflicts.Add(new ShadowConflict(BytesOf(path), ShadowConflictKind.Metadata, _options.Rule == ConflictRule.Folder, default));
        if (!ReferenceEquals(fields.Merged, theirs))
        {
            await PutInTargetAsync(path, fields.Merged, isWhole: false, cancellationToken);
            PlanOf(path).IsMerged = true;
        }

        if (fields.IsNewForFolder)
            Touch(path);
    }

    async ValueTask ResolveConflictAsync(string path, ShadowConflictKind kind, Dirent ours, Dirent theirs, CancellationToken cancellationToken)
    {
        var isFolderKept = _options.Rule switch
        {
            ConflictRule.Folder => true,
            ConflictRule.Newer => ours.Metadata.ModificationTime is { } our && theirs.Metadata.ModificationTime is { } their && our.CompareTo(their) > 0,
            _ => false,
        };
        var sibling = "";
        if (isFolderKept)
        {
            await PutInTargetAsync(path, ours, isWhole: true, cancellationToken);
        }
        else
        {
            sibling = await LoseAsync(path, ours, cancellationToken);
            Touch(path);
        }

        _conflicts.Add(new ShadowConflict(BytesOf(path), kind, isFolderKept, BytesOf(sibling)));
        Skip(path);
    }

    // The folder's version does not stay under its name.
    async ValueTask<string> LoseAsync(string path, Dirent ours, CancellationToken cancellationToken)
    {
        if (_options.Rule != ConflictRule.KeepBoth && !_options.KeepLosers)
        {
            _folderLoses = true;
            return "";
        }

        var sibling = await SiblingOfAsync(path, ours.Kind == DirentKind.Directory, cancellationToken);
        await PutInTargetAsync(sibling, ours, isWhole: true, cancellationToken);
        Touch(sibling);
        return sibling;
    }

    sealed class RemovedFolder(string path)
    {
        public string Path => path;

        public bool IsKept { get; set; }
    }
}
