using Vt.Trees.Dirents;

namespace Vt.Trees.Import;

/// <summary>What names of an archive's tree stand for: a file, or anything else that is no directory.</summary>
sealed class TarInode
{
    byte[]? _dirent;

    /// <summary>How many names it has.</summary>
    public uint Names { get; set; }

    /// <summary>Its record among the tree's inodes, once it has one.</summary>
    public LinkRecord? Link { get; set; }

    /// <summary>The dirent, without a name; kept as bytes, since there may be many. Set once its content is stored.</summary>
    public Dirent Dirent
    {
        get => Dirent.Decode(_dirent!);
        set => _dirent = value.Encode();
    }
}
