using Vt.Trees.Archives;
using Vt.Trees.Diff;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;
using Vt.Trees.Shadow;
using Vt.Trees.Watch;

namespace Vt.Hosts.ShadowHost;

/// <summary>
/// Makes the folder's tree of after a round: where something was done, what the folder has now, unless somebody has changed it since: then what was put there, so that the
/// next round sees the change.
/// </summary>
/// <param name="reader">Reads the trees.</param>
/// <param name="wanted">What the folder was to have.</param>
/// <param name="target">What the archive has.</param>
sealed class AppliedTree(DirectoryReader reader, Dirent wanted, Dirent target)
{
    const long CoarseSeconds = 2;

    static readonly uint[] _granules = [100, 1000, 1_000_000, 10_000_000];

    readonly List<byte[]> _changed = [];
    bool _isLossy;

    /// <summary>Makes it.</summary>
    /// <param name="before">The folder's tree before.</param>
    /// <param name="now">What the folder has now, where something was done.</param>
    /// <param name="applied">What was done.</param>
    /// <param name="isToFolder">Whether the archive did not get what the folder had: then only what is in the archive counts.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<Dirent> MakeAsync(Dirent before, Dirent now, FolderApplyResult applied, bool isToFolder, CancellationToken cancellationToken)
    {
        _isLossy = applied.Lost.Count > 0;
        var overlay = new TreeOverlay(reader, before, now);
        foreach (var path in applied.Folders)
        {
            if (isToFolder && !await IsInArchiveAsync(path, cancellationToken))
                continue;
            await overlay.TakeFolderAsync(path, cancellationToken);
            await CompareAsync(path, now, isWhole: false, cancellationToken);
        }

        var folders = applied.Folders.ToHashSet(PathBytes.Instance);
        foreach (var path in applied.Done)
        {
            if (isToFolder && !await IsInArchiveAsync(path, cancellationToken))
                continue;
            if (folders.Contains(path))
                continue;
            await overlay.TakeAsync(path, cancellationToken);
            await CompareAsync(path, now, isWhole: true, cancellationToken);
        }

        var tree = await overlay.MakeAsync(cancellationToken);
        var put = new TreeOverlay(reader, tree, wanted);
        foreach (var path in _changed)
            await put.TakeNameAsync(path, cancellationToken);
        return await put.MakeAsync(cancellationToken);
    }

    async ValueTask<bool> IsInArchiveAsync(byte[] path, CancellationToken cancellationToken) => ShadowEntries.AreSame(
        await TreePath.ResolveAsync(reader, wanted, path, cancellationToken), await TreePath.ResolveAsync(reader, target, path, cancellationToken));

    async ValueTask CompareAsync(byte[] path, Dirent now, bool isWhole, CancellationToken cancellationToken)
    {
        var (want, have) = (await TreePath.ResolveAsync(reader, wanted, path, cancellationToken), await TreePath.ResolveAsync(reader, now, path, cancellationToken));
        if (!isWhole || want is not { Kind: DirentKind.Directory } || have is not { Kind: DirentKind.Directory })
        {
            if (!IsOurs(want, have))
                _changed.Add(path);
            return;
        }

        var diff = new TreeDiff(reader).CompareAsync(want with { Inodes = wanted.Inodes }, have with { Inodes = now.Inodes }, cancellationToken);
        await foreach (var change in diff)
        {
            if (!IsOurs(change.Before, change.After))
                _changed.Add(change.Path.IsEmpty ? path : PathBytes.Join(path, change.Path.Span));
        }
    }

    // What the folder made of it, and nobody else: what it can't have is told, and times may be coarser in it.
    bool IsOurs(Dirent? want, Dirent? have)
    {
        if (ShadowEntries.AreSame(want, have))
            return true;
        if (want is null || have is null || !ShadowEntries.HaveSameContent(want, have))
            return false;
        return _isLossy || (IsTruncated(want.Metadata.ModificationTime, have.Metadata.ModificationTime)
            && ShadowEntries.AreSame(want with { Metadata = want.Metadata with { ModificationTime = have.Metadata.ModificationTime } }, have));
    }

    // Whether a time is another as a coarser file system keeps it.
    static bool IsTruncated(Timestamp? wish, Timestamp? kept)
    {
        if (wish is not { } fine || kept is not { } coarse)
            return false;
        if (coarse.Nanoseconds == 0 && (coarse.Seconds == fine.Seconds || coarse.Seconds == fine.Seconds - (fine.Seconds % CoarseSeconds)))
            return true;
        return coarse.Seconds == fine.Seconds && Array.Exists(_granules, granule => coarse.Nanoseconds == fine.Nanoseconds - (fine.Nanoseconds % granule));
    }
}
