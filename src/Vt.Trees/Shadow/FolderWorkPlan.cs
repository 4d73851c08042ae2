using System.Text;
using Vt.Blocks.Contracts;
using Vt.Trees.Archives;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Watch;

namespace Vt.Trees.Shadow;

/// <summary>Finds out what is to be done in a folder: compares what it has with what it is to have, at given paths.</summary>
/// <param name="reader">Reads both trees.</param>
/// <param name="seen">What it has.</param>
/// <param name="wanted">What it is to have.</param>
sealed class FolderWorkPlan(DirectoryReader reader, Dirent seen, Dirent wanted)
{
    readonly Dictionary<Guid, List<FolderWork>> _linked = [];

    // Names in directories that come whole.
    readonly Dictionary<Guid, List<(FolderWork Directory, byte[] Path)>> _inner = [];

    /// <summary>What is to be made.</summary>
    public List<FolderWork> Made { get; } = [];

    /// <summary>Finds it out.</summary>
    /// <param name="touched">The paths.</param>
    /// <param name="names">Other paths of hard-linked inodes that are to be had, as far as they are known; the rest is looked for in the whole tree.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<FolderWork> MakeAsync(PathTree touched, IReadOnlyDictionary<Guid, List<string>> names, CancellationToken cancellationToken)
    {
        var top = new FolderWork(null, []) { Seen = seen, Wanted = wanted, Entry = wanted, IsMarked = touched.IsMarked, Step = FolderStep.Enter };
        await CollectAsync(touched, top, cancellationToken);
        await JoinAllAsync(names, cancellationToken);
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
            if (work.Step == FolderStep.Place && wants is { Kind: DirentKind.Directory } && wanted.Inodes.Span > 0)
                await CollectInnerAsync(work, wants, work.Path, cancellationToken);
        }
    }

    async ValueTask CollectInnerAsync(FolderWork directory, Dirent folder, byte[] path, CancellationToken cancellationToken)
    {
        await foreach (var below in reader.EnumerateAsync(folder.Content, cancellationToken: cancellationToken))
        {
            var at = PathBytes.Join(path, below.Name.Span);
            if (below.Kind == DirentKind.Directory)
                await CollectInnerAsync(directory, below, at, cancellationToken);
            else if (below is { Kind: DirentKind.Indirect, Uuid: { } inode })
                (_inner.TryGetValue(inode, out var inner) ? inner : _inner[inode] = []).Add((directory, at));
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

    async ValueTask JoinAllAsync(IReadOnlyDictionary<Guid, List<string>> names, CancellationToken cancellationToken)
    {
        var others = new Dictionary<Guid, HashSet<byte[]>>();
        var lacking = new HashSet<Guid>();
        foreach (var inode in _linked.Keys.Union(_inner.Keys))
        {
            var known = new HashSet<byte[]>(PathBytes.Instance);
            foreach (var path in (names.TryGetValue(inode, out var paths) ? paths : []).Select(Encoding.Latin1.GetBytes))
            {
                // The merge may have made another thing of it.
                if (ShadowEntries.LinkOf(await TreePath.ResolveAsync(reader, wanted, path, cancellationToken)) == inode)
                    known.Add(path);
            }

            var here = HereOf(inode).ToHashSet(PathBytes.Instance);
            known.ExceptWith(here);
            others.Add(inode, known);
            if (await reader.LookupInodeAsync(wanted.Inodes, inode, cancellationToken) is { } entry && known.Count + here.Count < entry.Metadata.LinkCount)
                lacking.Add(inode);
        }

        if (lacking.Count > 0)
            await FindNamesAsync(wanted, [], lacking, others, cancellationToken);
        foreach (var (inode, elsewhere) in others)
        {
            elsewhere.ExceptWith(HereOf(inode));
            await JoinAsync(inode, elsewhere, cancellationToken);
        }
    }

    IEnumerable<byte[]> HereOf(Guid inode) =>
        _linked.GetValueOrDefault(inode, []).Select(static work => work.Path).Concat(_inner.GetValueOrDefault(inode, []).Select(static one => one.Path));

    // No list leads from an inode to its names: where some are not known, the tree is gone through.
    async ValueTask FindNamesAsync(Dirent folder, byte[] path, HashSet<Guid> lacking, Dictionary<Guid, HashSet<byte[]>> found, CancellationToken cancellationToken)
    {
        await foreach (var below in reader.EnumerateAsync(folder.Content, cancellationToken: cancellationToken))
        {
            if (below.Kind == DirentKind.Directory)
                await FindNamesAsync(below, PathBytes.Join(path, below.Name.Span), lacking, found, cancellationToken);
            else if (below is { Kind: DirentKind.Indirect, Uuid: { } inode } && lacking.Contains(inode))
                found[inode].Add(PathBytes.Join(path, below.Name.Span));
        }
    }

    // The names of one inode: where the folder has it already, under whatever name, it gets the others. One at which nothing is to be done comes first, for it stays what it is.
    async ValueTask JoinAsync(Guid id, IEnumerable<byte[]> others, CancellationToken cancellationToken)
    {
        var works = _linked.GetValueOrDefault(id, []);
        if (await reader.LookupInodeAsync(wanted.Inodes, id, cancellationToken) is not { } inode)
            throw new FormatInvalidException($"the inode {id} is not in its table");
        (byte[] Path, Dirent Seen)? anchor = null;
        foreach (var path in others.Concat(works.Select(static work => work.Path)))
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

        if (anchor is null)
            return;
        foreach (var (directory, path) in _inner.GetValueOrDefault(id, []))
            directory.Inner.Add((path, anchor.Value));
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
