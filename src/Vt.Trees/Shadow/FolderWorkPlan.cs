using System.Text;
using Vt.Trees.Archives;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;

namespace Vt.Trees.Shadow;

/// <summary>Finds out what is to be done in a folder: compares what it has with what it is to have, at given paths.</summary>
/// <param name="reader">Reads both trees.</param>
/// <param name="seen">What it has.</param>
/// <param name="wanted">What it is to have.</param>
sealed class FolderWorkPlan(DirectoryReader reader, Dirent seen, Dirent wanted)
{
    readonly Dictionary<Guid, List<FolderWork>> _linked = [];

    /// <summary>What is to be made.</summary>
    public List<FolderWork> Made { get; } = [];

    /// <summary>Finds it out.</summary>
    /// <param name="touched">The paths.</param>
    /// <param name="names">Other paths of hard-linked inodes that are to be had.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<FolderWork> MakeAsync(PathTree touched, IReadOnlyDictionary<Guid, List<string>> names, CancellationToken cancellationToken)
    {
        var top = new FolderWork(null, []) { Seen = seen, Wanted = wanted, Entry = wanted, IsMarked = touched.IsMarked, Step = FolderStep.Enter };
        await CollectAsync(touched, top, cancellationToken);
        foreach (var (inode, works) in _linked)
            await JoinAsync(works, names.TryGetValue(inode, out var paths) ? paths : [], cancellationToken);
        for (var i = 0; i < Made.Count; i++)
            Made[i].Number = i;
        return top;
    }

    async ValueTask CollectAsync(PathTree paths, FolderWork folder, CancellationToken cancellationToken)
    {
        foreach (var (text, below) in paths.Below)
        {
            var name = Encoding.Latin1.GetBytes(text);
            var had = await FindAsync(seen, folder.Seen!, name, cancellationToken);
            var entry = await reader.LookupAsync(folder.Wanted!.Content, name, cancellationToken);
            var wants = entry is null ? null : await LoadAsync(await TreePath.FollowAsync(reader, wanted, entry, cancellationToken), cancellationToken);
            if (had is null && wants is null)
                continue;
            var work = new FolderWork(folder, name) { Seen = had, Wanted = wants, Entry = entry, IsMarked = below.IsMarked };
            folder.Below.Add(work);
            if (work.IsFolder)
                await CollectAsync(below, work, cancellationToken);
            Decide(work);
        }
    }

    void Decide(FolderWork work)
    {
        if (work.IsFolder)
            work.Step = FolderStep.Enter;
        else if (work.Wanted is null)
            work.Step = FolderStep.Remove;
        else if (ShadowEntries.LinkOf(work.Wanted) is { } inode)
            (_linked.TryGetValue(inode, out var works) ? works : _linked[inode] = []).Add(work);
        else
            Make(work, ShadowEntries.LinkOf(work.Seen) is null);
    }

    // In place where only metadata differs, of what has a descriptor to change it by.
    void Make(FolderWork work, bool mayStay)
    {
        if (mayStay && ShadowEntries.AreSame(work.Seen, work.Wanted))
            return;
        if (mayStay && ShadowEntries.HaveSameContent(work.Seen, work.Wanted) && work.Wanted!.Kind == DirentKind.File)
        {
            work.Step = FolderStep.Alter;
            return;
        }

        work.Step = FolderStep.Place;
        Made.Add(work);
    }

    // The names of one inode: where the folder has it already, under whatever name, it gets the others.
    async ValueTask JoinAsync(List<FolderWork> works, List<string> names, CancellationToken cancellationToken)
    {
        var inode = works[0].Wanted!;
        (byte[] Path, Dirent Seen)? anchor = null;
        foreach (var path in works.Select(static work => work.Path).Concat(names.Select(Encoding.Latin1.GetBytes)))
        {
            if (await TreePath.ResolveAsync(reader, seen, path, cancellationToken) is not { } there || !ShadowEntries.HaveSameContent(there, inode)
                || !(there.Kind == DirentKind.File || ShadowEntries.AreSame(there, inode)))
                continue;
            anchor = (path, there);
            break;
        }

        foreach (var work in works)
        {
            if (anchor is null)
                Make(work, mayStay: false);
            else if (work.Seen?.Kind == inode.Kind && work.Seen.Metadata.SourceInode == anchor.Value.Seen.Metadata.SourceInode)
                Make(work, mayStay: true);
            else
                (work.Step, work.Anchor) = (FolderStep.Link, anchor);
        }
    }

    async ValueTask<Dirent?> FindAsync(Dirent root, Dirent folder, byte[] name, CancellationToken cancellationToken)
    {
        var entry = await reader.LookupAsync(folder.Content, name, cancellationToken);
        return entry is null ? null : await LoadAsync(await TreePath.FollowAsync(reader, root, entry, cancellationToken), cancellationToken);
    }

    async ValueTask<Dirent> LoadAsync(Dirent entry, CancellationToken cancellationToken) =>
        entry.Metadata.Xattrs.IsStored
            ? entry with { Metadata = entry.Metadata with { Xattrs = await StoredXattrs.LoadAsync(entry.Metadata.Xattrs, reader.Store, cancellationToken) } }
            : entry;
}
