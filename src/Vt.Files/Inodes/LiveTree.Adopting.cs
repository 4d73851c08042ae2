using Vt.Trees.Directories;
using Vt.Trees.Dirents;

namespace Vt.Files.Inodes;

/// <content>Directories that get stored entries all at once.</content>
sealed partial class LiveTree
{
    // Content that came with stored entries, which no checkpoint has counted yet; guarded by the gate.
    long _adoptedBytes;

    /// <summary>
    /// An empty directory has the entries of a stored one from here on. Under the gate. They have to be durable in the store, and to have no UUIDs: their
    /// inodes are known by their paths from here.
    /// </summary>
    /// <param name="directory">The directory; not local, and without entries.</param>
    /// <param name="stored">The entries.</param>
    /// <param name="bytes">How much content is below, outside of holes.</param>
    public void Adopt(Inode directory, in DirectoryRoot stored, long bytes)
    {
        var entries = directory.Directory!;
        entries.Clear();
        entries.Stored = stored.Content;
        entries.Count = stored.Entries;
        entries.Subdirectories = stored.Subdirectories;
        entries.IsCounted = true;
        entries.ChangedNames = [];
        entries.Generation++;
        entries.Version++;
        entries.Snapshot = null;
        _adoptedBytes += bytes;
        MarkChanged(directory);
    }

    /// <summary>Counts content that came with stored entries as stored, once a log was replayed: nobody has counted it as written.</summary>
    public void CountAdopted()
    {
        lock (Gate)
        {
            StoredBytes += _adoptedBytes;
            _adoptedBytes = 0;
        }
    }

    /// <summary>An entry as the last checkpoint has stored it, with the inode table of that; null of one that it does not have.</summary>
    public Dirent? StoredEntry(Inode inode)
    {
        lock (Gate)
            return inode is { IsOrphan: false, Entry: { } entry } ? entry with { Inodes = InodeTable } : null;
    }
}
