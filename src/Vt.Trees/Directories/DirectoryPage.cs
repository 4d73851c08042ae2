using Vt.Trees.Dirents;

namespace Vt.Trees.Directories;

/// <summary>
/// Some neighbouring entries of a directory, in order. Names and kinds can be seen without anything being allocated; a
/// dirent is decoded anew each time that it is asked for.
/// </summary>
public readonly struct DirectoryPage
{
    readonly DirectoryNode _node;
    readonly int _first;

    internal DirectoryPage(DirectoryNode node, int first, long position)
    {
        _node = node;
        _first = first;
        Position = position;
    }

    /// <summary>How many entries of the directory come before this page.</summary>
    public long Position { get; }

    /// <summary>How many entries the page has, 1 or more.</summary>
    public int Count => _node.Count - _first;

    /// <summary>An entry's name; of an inode table the UUID's 16 bytes. Valid as long as anybody holds it.</summary>
    public ReadOnlyMemory<byte> NameAt(int index) => _node.KeyAt(Checked(index));

    /// <summary>An entry's kind.</summary>
    public DirentKind KindAt(int index) => _node.KindAt(Checked(index));

    /// <summary>Decodes an entry.</summary>
    /// <exception cref="Blocks.Contracts.FormatInvalidException">The entry is damaged; its neighbours may be good.</exception>
    public Dirent DirentAt(int index) => _node.DirentAt(Checked(index));

    /// <summary>Decodes a little of an entry.</summary>
    /// <exception cref="Blocks.Contracts.FormatInvalidException">The entry is damaged.</exception>
    internal DirentOutline OutlineAt(int index) => _node.OutlineAt(Checked(index));

    int Checked(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count);
        return _first + index;
    }
}
