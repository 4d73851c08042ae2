using Vt.Files.Inodes;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;

namespace Vt.Files;

/// <summary>An entry of a directory that is being listed.</summary>
public readonly struct ListedName
{
    readonly Inode _directory;
    readonly DirectoryPage? _page;
    readonly int _index;
    readonly Inode? _inode;

    internal ListedName(Inode directory, DirectoryPage? page, int index, Inode? inode, ReadOnlyMemory<byte> name)
    {
        _directory = directory;
        _page = page;
        _index = index;
        _inode = inode;
        Name = name;
    }

    /// <summary>The name.</summary>
    public ReadOnlyMemory<byte> Name { get; }

    /// <summary>The type as the upper bits of st_mode; 0 where it takes a look at the inode to know.</summary>
    public uint Type => _inode is { } inode ? DirentModes.TypeOf(inode.Kind) : DirentModes.TypeOf(_page!.Value.KindAt(_index));

    /// <summary>The inode number.</summary>
    public ulong Number
    {
        get
        {
            if (_inode is { } inode)
                return inode.Number;
            var dirent = Dirent!;
            return dirent.Uuid is { } uuid ? InodeNumbers.Of(uuid) : InodeNumbers.Of(_directory.Number, Name.Span);
        }
    }

    /// <summary>The stored entry; null of one that was in memory.</summary>
    internal Dirent? Dirent => _page?.DirentAt(_index);
}
