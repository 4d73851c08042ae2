using Vt.Files.Inodes;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;

namespace Vt.Files;

/// <summary>Some neighbouring entries of a directory, to be listed. Names and kinds are seen in place.</summary>
public readonly struct ListedEntries
{
    readonly ReadOnlyFileSystem _files;
    readonly OpenDirectory _directory;
    readonly DirectoryPage _page;
    readonly FoundInode?[]? _inodes;
    readonly byte[][]? _names;
    readonly long _position;

    internal ListedEntries(ReadOnlyFileSystem files, OpenDirectory directory, DirectoryPage page, FoundInode?[]? inodes)
    {
        _files = files;
        _directory = directory;
        _page = page;
        _inodes = inodes;
    }

    // Of folders that are found by asking.
    internal ListedEntries(ReadOnlyFileSystem files, OpenDirectory directory, byte[][] names, long position)
    {
        _files = files;
        _directory = directory;
        _names = names;
        _position = position;
    }

    /// <summary>How many entries of the directory come before these.</summary>
    public long Position => _names is null ? _page.Position : _position;

    /// <summary>How many entries there are.</summary>
    public int Count => _names?.Length ?? _page.Count;

    /// <summary>An entry's name.</summary>
    public ReadOnlySpan<byte> NameAt(int index) => _names is null ? _page.NameAt(index).Span : _names[index];

    /// <summary>An entry's type as the upper bits of st_mode; 0 where it takes a look at the inode to know.</summary>
    public uint TypeAt(int index) =>
        _names is not null ? DirentModes.TypeOf(DirentKind.Directory) : _inodes?[index] is { } inode ? DirentModes.TypeOf(inode.Dirent.Kind) : DirentModes.TypeOf(_page.KindAt(index));

    /// <summary>An entry's inode number.</summary>
    public ulong NumberAt(int index) => _names is null && _page.KindAt(index) == DirentKind.Indirect
        ? InodeNumbers.Of(_page.DirentAt(index).Uuid ?? default)
        : InodeNumbers.Of(_directory.InodeNumber, NameAt(index));

    /// <summary>
    /// Whether <see cref="Enter"/> can be called: not for an entry that is damaged, and not where the listing was asked for
    /// without nodes.
    /// </summary>
    public bool CanEnter(int index) => _inodes is not null && (_page.KindAt(index) != DirentKind.Indirect || _inodes[index] is not null);

    /// <summary>Counts a lookup of an entry's node, as a lookup by its name would.</summary>
    public FoundNode Enter(int index) => _inodes![index] is { } inode
        ? _files.Enter(inode.Table, inode.Position, inode.Dirent)
        : _files.Enter(_directory, _page.Position + index, _page.DirentAt(index));
}
