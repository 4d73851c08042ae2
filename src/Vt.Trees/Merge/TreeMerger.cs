using System.Text;
using Vt.Trees.Archives;
using Vt.Trees.Diff;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;

namespace Vt.Trees.Merge;

/// <summary>
/// Merges two trees that come from a third: what only one side changed comes from that side. Both differences are found by structure, and only what they touched is read
/// and written. Where both sides changed the same thing differently ours stays and theirs lies beside it, as <c>NAME.theirs-LABEL</c>.
/// </summary>
/// <remarks>Not safe for use by several threads.</remarks>
public sealed class TreeMerger
{
    static readonly TreeDiffOptions _all = new() { ReportBookkeeping = true };

    readonly DirectoryReader _reader;
    readonly string _label;
    readonly Dictionary<string, TreeChange> _ours = new(StringComparer.Ordinal);

    // Folders below which our side changed or added something that is still there.
    readonly HashSet<string> _kept = new(StringComparer.Ordinal);
    readonly List<MergeConflict> _conflicts = [];
    readonly MergePlan _plan = new();

    // Folders of theirs that lie beside something of ours, by their own paths.
    readonly Dictionary<string, string> _beside = new(StringComparer.Ordinal);
    Dirent _before = null!;
    Dirent _our = null!;
    Dirent _their = null!;
    string? _skipped;

    /// <summary>Prepares one merge.</summary>
    /// <param name="reader">Reads the trees.</param>
    /// <param name="label">What siblings are called after: letters and digits.</param>
    public TreeMerger(DirectoryReader reader, string label)
    {
        _reader = reader;
        _label = label;
    }

    /// <summary>Merges; once only.</summary>
    /// <param name="before">The root of the tree that both come from.</param>
    /// <param name="ours">Our tree's.</param>
    /// <param name="theirs">Their tree's.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<MergeOutcome> MergeAsync(Dirent before, Dirent ours, Dirent theirs, CancellationToken cancellationToken = default)
    {
        (_before, _our, _their) = (before, ours, theirs);
        var diff = new TreeDiff(_reader, _all);
        await foreach (var change in diff.CompareAsync(before, ours, cancellationToken))
        {
            var path = TextOf(change.Path.Span);
            _ours.Add(path, change);
            for (var above = ParentOf(path); change.After is not null && above is not null && _kept.Add(above); above = ParentOf(above))
            {
                // Up to the first that is known.
            }
        }

        await foreach (var change in diff.CompareAsync(before, theirs, cancellationToken))
        {
            var path = TextOf(change.Path.Span);
            if (_skipped is not null && path.StartsWith(_skipped, StringComparison.Ordinal))
                continue;
            _skipped = null;
            await TakeAsync(path, change, cancellationToken);
        }

        using var batch = new TreeBatch(_reader.Store);
        var root = await new MergeApplier(_reader, batch, ours, theirs).ApplyAsync(_plan, cancellationToken);
        await batch.DrainAsync(cancellationToken);
        return new MergeOutcome(root, _conflicts);
    }

    async ValueTask TakeAsync(string path, TreeChange their, CancellationToken cancellationToken)
    {
        var our = _ours.GetValueOrDefault(path);
        if (their.After is null)
            TakeRemoval(path, our, their.Before!);
        else if (our is null)
            await TakeTheirsAsync(path, their, cancellationToken);
        else if (our.After is null)
            await TakeBackAsync(path, their, cancellationToken);
        else
            await TakeBothAsync(path, our, their, cancellationToken);
    }

    void TakeRemoval(string path, TreeChange? our, Dirent before)
    {
        if (our is { After: null })
        {
            // Both removed it.
            return;
        }

        if ((our is null || !IsTouched(before, our.After!)) && !_kept.Contains(path))
        {
            PlanOf(path).IsRemoved = true;
            Skip(path);
            return;
        }

        Conflict(path, MergeConflictKind.RemovedThere);
    }

    // A folder's time moves with the names in it.
    static bool IsTouched(Dirent before, Dirent after)
    {
        if (before.Kind != DirentKind.Directory || after.Kind != DirentKind.Directory)
            return (TreeDiff.PartsOf(before, after) & ~ChangedParts.Bookkeeping) != ChangedParts.None;
        return !(before.Metadata with { ModificationTime = after.Metadata.ModificationTime }).EqualsButForBookkeeping(after.Metadata);
    }

    // Ours is as it was.
    async ValueTask TakeTheirsAsync(string path, TreeChange their, CancellationToken cancellationToken)
    {
        var after = their.After!;
        if (their.Before is { } before && before.Kind != after.Kind && _kept.Contains(path))
        {
            await PutBesideAsync(path, after, MergeConflictKind.Kind, cancellationToken);
            return;
        }

        if (their.Before?.Kind == after.Kind)
        {
            await PutAsync(path, after, isBeside: false, cancellationToken);
            return;
        }

        await PutWholeAsync(path, after, isBeside: false, cancellationToken);
        Skip(path);
    }

    // Ours is gone. A folder comes back with what of it was changed.
    async ValueTask TakeBackAsync(string path, TreeChange their, CancellationToken cancellationToken)
    {
        var after = their.After!;
        if (after.Kind == DirentKind.Directory && their.Before!.Kind == DirentKind.Directory)
            return;
        if (their.Parts == ChangedParts.Bookkeeping)
            return;

        // A name of an inode that has others here went; what became of the inode is seen at those.
        if (after.Uuid is { } uuid && their.Before?.Uuid == uuid && await _reader.LookupInodeAsync(_our.Inodes, uuid, cancellationToken) is not null)
            return;
        Conflict(path, MergeConflictKind.RemovedHere);
        await PutWholeAsync(path, after, isBeside: false, cancellationToken);
        Skip(path);
    }

    async ValueTask TakeBothAsync(string path, TreeChange our, TreeChange their, CancellationToken cancellationToken)
    {
        var (ours, theirs) = (our.After!, their.After!);
        if (ours.Kind != theirs.Kind)
        {
            await PutBesideAsync(path, theirs, MergeConflictKind.Kind, cancellationToken);
            return;
        }

        var (merged, isContentInConflict, isMetadataInConflict) = EntryMerger.Merge(their.Before, ours, theirs);
        if (isContentInConflict)
            await PutBesideAsync(path, theirs, MergeConflictKind.Content, cancellationToken);
        else if (isMetadataInConflict)
            Conflict(path, MergeConflictKind.Metadata);
        if (merged.Equals(ours) && (theirs.Uuid is not { } uuid || await _reader.LookupInodeAsync(_their.Inodes, uuid, cancellationToken) is null))
            return;
        await PlanPutAsync(path, merged, isMerged: true, cancellationToken);
    }

    async ValueTask PutBesideAsync(string path, Dirent theirs, MergeConflictKind kind, CancellationToken cancellationToken)
    {
        var sibling = await SiblingOfAsync(path, cancellationToken);
        Conflict(path, kind, sibling);
        await PutWholeAsync(sibling, theirs, isBeside: true, cancellationToken);
        if (theirs.Kind == DirentKind.Directory)
            Skip(path);
    }

    // With all below it, of a directory.
    async ValueTask PutWholeAsync(string path, Dirent entry, bool isBeside, CancellationToken cancellationToken)
    {
        var plan = await PutAsync(path, entry, isBeside, cancellationToken);
        if (entry.Kind != DirentKind.Directory)
            return;
        plan.IsWhole = !MayShareInodes;
        if (plan.IsWhole)
            return;
        await foreach (var below in _reader.EnumerateAsync(entry.Content, cancellationToken: cancellationToken))
        {
            var inode = await TreePath.FollowAsync(_reader, _their, below, cancellationToken);
            await PutWholeAsync($"{path}/{TextOf(below.Name.Span)}", inode, isBeside, cancellationToken);
        }
    }

    async ValueTask<MergePlan> PutAsync(string path, Dirent entry, bool isBeside, CancellationToken cancellationToken)
    {
        var (put, isMerged) = await JoinAsync(entry, isBeside, cancellationToken);
        return await PlanPutAsync(path, put, isMerged, cancellationToken);
    }

    async ValueTask<MergePlan> PlanPutAsync(string path, Dirent entry, bool isMerged, CancellationToken cancellationToken)
    {
        var plan = PlanOf(await WithFoldersAsync(path, cancellationToken));
        (plan.Put, plan.IsMerged) = (entry, isMerged);
        return plan;
    }

    // Whether an inode of theirs may have the UUID of one that our side made or changed: UUIDs come from paths, and both sides make them.
    bool MayShareInodes => _our.Inodes.Span > 0 && _their.Inodes.Span > 0 && _our.Inodes != _before.Inodes;

    // What they have under a UUID that is an inode of ours too: that inode, with what they changed of it. Where it can't be one with ours, lest two things become one, it is a
    // file by itself.
    async ValueTask<(Dirent Entry, bool IsMerged)> JoinAsync(Dirent theirs, bool isBeside, CancellationToken cancellationToken)
    {
        if (theirs.Kind == DirentKind.Directory || theirs.Uuid is not { } uuid || await _reader.LookupInodeAsync(_our.Inodes, uuid, cancellationToken) is not { } ours)
            return (theirs, false);
        if (!isBeside && ours.Kind == theirs.Kind)
        {
            var before = await _reader.LookupInodeAsync(_before.Inodes, uuid, cancellationToken);
            var (merged, isContentInConflict, _) = EntryMerger.Merge(before?.Kind == ours.Kind ? before : null, ours, theirs);
            if (!isContentInConflict)
                return (merged, true);
        }

        return (theirs with { Uuid = null, Metadata = theirs.Metadata with { LinkCount = 0 } }, false);
    }

    // Brings back the folders above a path that our side has removed; where it made something else of one, theirs lies beside it.
    async ValueTask<string> WithFoldersAsync(string path, CancellationToken cancellationToken)
    {
        for (var end = path.IndexOf('/', StringComparison.Ordinal); end >= 0; end = path.IndexOf('/', end + 1))
        {
            var above = path[..end];
            if (_beside.TryGetValue(above, out var known))
            {
                path = known + path[end..];
                end = known.Length;
                continue;
            }

            if (!_ours.TryGetValue(above, out var our) || our.After is { Kind: DirentKind.Directory } || PlanOf(above).Put is not null)
                continue;
            var folder = (await TreePath.ResolveAsync(_reader, _their, BytesOf(above), cancellationToken))!;
            var place = our.After is null ? above : await SiblingOfAsync(above, cancellationToken);
            PlanOf(place).Put = folder;
            if (place == above)
                continue;
            _beside.Add(above, place);
            path = place + path[end..];
            end = place.Length;
        }

        return path;
    }

    async ValueTask<string> SiblingOfAsync(string path, CancellationToken cancellationToken)
    {
        var slash = path.LastIndexOf('/');
        var (folder, name) = (path[..(slash + 1)], path[(slash + 1)..]);
        for (var number = 1; ; number++)
        {
            var ending = number == 1 ? $".theirs-{_label}" : $".theirs-{_label}-{number}";
            var sibling = folder + name[..Math.Min(name.Length, Dirent.LongestName - ending.Length)] + ending;
            if (PlanOf(sibling).Put is null && await TreePath.ResolveAsync(_reader, _our, BytesOf(sibling), cancellationToken) is null
                && await TreePath.ResolveAsync(_reader, _their, BytesOf(sibling), cancellationToken) is null)
                return sibling;
        }
    }

    MergePlan PlanOf(string path)
    {
        var plan = _plan;
        if (path.Length == 0)
            return plan;
        foreach (var name in path.Split('/'))
            plan = plan.At(name);
        return plan;
    }

    void Conflict(string path, MergeConflictKind kind, string sibling = "") => _conflicts.Add(new MergeConflict(BytesOf(path), kind, BytesOf(sibling)));

    void Skip(string path) => _skipped = path + "/";

    static string? ParentOf(string path)
    {
        if (path.Length == 0)
            return null;
        var slash = path.LastIndexOf('/');
        return slash < 0 ? "" : path[..slash];
    }

    static string TextOf(ReadOnlySpan<byte> path) => Encoding.Latin1.GetString(path);

    static byte[] BytesOf(string path) => Encoding.Latin1.GetBytes(path);
}
