using Vt.Files.Checkpoints;
using Vt.Trees.Dirents;

namespace Vt.Files.Inodes;

/// <content>Lists directories.</content>
sealed partial class LiveTree
{
    /// <summary>The entries now, to be listed from it in any number of steps.</summary>
    public DirectorySnapshot Snapshot(Inode directory)
    {
        lock (Gate)
        {
            var entries = directory.Directory!;
            if (entries.Snapshot is { } same && same.Stored == entries.Stored)
                return same;
            var changed = new List<(byte[] Name, Inode? Inode)>();
            foreach (var (name, entry) in entries.Entries)
            {
                if (entry.Stamp > entries.StoredThrough)
                    changed.Add((name, entry.Inode));
            }

            changed.Sort(static (a, b) => NameOrder.Instance.Compare(a.Name, b.Name));
            return entries.Snapshot = new DirectorySnapshot(entries.Version, entries.Stored, [.. changed]);
        }
    }

    /// <summary>Whether a snapshot has the names that are there now.</summary>
    public bool IsCurrent(Inode directory, DirectorySnapshot snapshot)
    {
        lock (Gate)
            return directory.Directory!.Version == snapshot.Version;
    }

    /// <summary>Counts a lookup of an entry that was listed, as a lookup by its name would.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="name">The name.</param>
    /// <param name="stored">The entry as it was stored in the snapshot; null where the snapshot had it in memory.</param>
    /// <param name="from">The snapshot.</param>
    /// <returns>
    /// The inode; null where the name is gone, or where what the snapshot has may not be so any more: who wants it looks the name up.
    /// </returns>
    public Inode? EnterListed(Inode directory, ReadOnlySpan<byte> name, Dirent? stored, DirectorySnapshot from)
    {
        lock (Gate)
        {
            var entries = directory.Directory!;
            if (entries.TryGet(name, out var entry))
            {
                if (entry.Inode is { } known)
                    known.Lookups++;
                return entry.Inode;
            }

            if (stored is null or { Kind: DirentKind.Indirect or DirentKind.Whiteout } || entries.Stored != from.Stored)
                return null;
            var inode = Load(directory, stored, null);
            inode.Lookups++;
            return inode;
        }
    }

    /// <summary>Whether a listed name has gone since the snapshot.</summary>
    public bool IsGone(Inode directory, ReadOnlySpan<byte> name)
    {
        lock (Gate)
            return directory.Directory!.TryGet(name, out var entry) && entry.Inode is null;
    }
}
