using Vt.Files.Inodes;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;

namespace Vt.Files;

/// <summary>
/// An open directory: what was in it when it was opened or rewound. Positions are numbers that stay valid: the position of an entry says how many
/// stored and how many unstored entries come before it. Not thread safe.
/// </summary>
/// <remarks>Names that have gone since are left out; those that have come since show after a rewind.</remarks>
public sealed class LiveListing
{
    // Positions: 0 before ".", 1 before "..", from 2 on entries.
    const ulong Dots = 2;
    const int StoredBits = 40;
    const ulong StoredMask = (1ul << StoredBits) - 1;

    readonly LiveTree _tree;
    readonly DirectoryReader _reader;
    readonly Inode _directory;
    DirectorySnapshot _snapshot;
    IReadOnlyList<DirectoryPage> _pages = [];

    internal LiveListing(LiveTree tree, DirectoryReader reader, Inode directory)
    {
        _tree = tree;
        _reader = reader;
        _directory = directory;
        _snapshot = tree.Snapshot(directory);
    }

    /// <summary>The directory's inode number.</summary>
    public ulong Number => _directory.Number;

    /// <summary>The inode number of the directory above.</summary>
    public ulong ParentNumber => (_directory.Parent ?? _directory).Number;

    /// <summary>Makes ready to list from a position: brings stored entries into memory, and, at 0, takes a fresh look at the directory.</summary>
    /// <param name="position">Where; 0, or what an entry gave as its next position.</param>
    /// <param name="wanted">About how many entries are of use.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async ValueTask PrepareAsync(ulong position, int wanted, CancellationToken cancellationToken = default)
    {
        // While no name comes or goes, positions mean the same also after a rewind, and whatever is stored meanwhile.
        if (position == 0 && !_tree.IsCurrent(_directory, _snapshot))
            _snapshot = _tree.Snapshot(_directory);
        var (stored, _) = Split(position);
        _pages = _snapshot.Stored.Span == 0 ? [] : await _reader.PagesAtAsync(_snapshot.Stored, stored, wanted, cancellationToken);
    }

    /// <summary>The next entry at a position for which <see cref="PrepareAsync"/> was called, or that an entry after that gave.</summary>
    /// <param name="position">The position; receives that of the entry after it, also where only names that have gone were passed over.</param>
    /// <param name="entry">The entry, where there is one.</param>
    public ListingStep Next(ref ulong position, out ListedName entry)
    {
        var (stored, changed) = Split(position);

        // A position of another time, before a rewind: whatever it leads to, it is an entry or the end.
        changed = Math.Min(changed, _snapshot.Changed.Length);
        entry = default;
        while (true)
        {
            position = Join(stored, changed);
            var page = PageAt(stored);
            if (page is null && HasMoreStored(stored))
                return ListingStep.Unprepared;
            if (page is null && changed == _snapshot.Changed.Length)
                return ListingStep.End;
            var index = page is { } holder ? (int)(stored - holder.Position) : 0;
            var order = page is not { } prepared ? 1
                : changed == _snapshot.Changed.Length ? -1
                : prepared.NameAt(index).Span.SequenceCompareTo(_snapshot.Changed[changed].Name);
            stored += order <= 0 ? 1 : 0;
            if (order < 0)
            {
                var name = page!.Value.NameAt(index);
                if (page.Value.KindAt(index) == DirentKind.Whiteout || _tree.IsGone(_directory, name.Span))
                    continue;
                entry = new ListedName(_directory, page, index, null, name);
            }
            else
            {
                var (name, inode) = _snapshot.Changed[changed++];
                if (inode is null || _tree.IsGone(_directory, name))
                    continue;
                entry = new ListedName(_directory, null, 0, inode, name);
            }

            position = Join(stored, changed);
            return ListingStep.Entry;
        }
    }

    /// <summary>Counts a lookup of an entry's inode, as a lookup by its name would.</summary>
    /// <returns>The inode's node; null where somebody who wants it has to look the name up.</returns>
    public NodeId? Enter(in ListedName entry) => _tree.EnterListed(_directory, entry.Name.Span, entry.Dirent, _snapshot)?.Node;

    // None were found at the place that was prepared, or those that were are behind us.
    bool HasMoreStored(long stored) => _pages.Count > 0 && _pages[^1].Position + _pages[^1].Count <= stored;

    DirectoryPage? PageAt(long stored)
    {
        foreach (var page in _pages)
        {
            if (stored >= page.Position && stored < page.Position + page.Count)
                return page;
        }

        return null;
    }

    static (long Stored, int Changed) Split(ulong position)
    {
        var entries = position < Dots ? 0 : position - Dots;
        return ((long)(entries & StoredMask), (int)(entries >> StoredBits));
    }

    static ulong Join(long stored, int changed) => ((ulong)changed << StoredBits) + (ulong)stored + Dots;
}
