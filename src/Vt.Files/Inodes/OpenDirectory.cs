using Vt.Blocks.BlockTree;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;

namespace Vt.Files.Inodes;

/// <summary>A directory that somebody looked into, or an inode table: the place whose positions node ids count.</summary>
sealed class OpenDirectory
{
    /// <summary>What node ids call it; never 0.</summary>
    public required uint Number { get; init; }

    /// <summary>Who it is; the root's own node for an inode table.</summary>
    public required NodeId Node { get; init; }

    /// <summary>The directory that <c>..</c> leads to.</summary>
    public required NodeId Parent { get; init; }

    /// <summary>Its inode number, from which those of its entries are made.</summary>
    public required ulong InodeNumber { get; init; }

    /// <summary>The inode number of the directory above.</summary>
    public required ulong ParentInodeNumber { get; init; }

    /// <summary>What its entries are ordered by.</summary>
    public DirectoryOrder Order => Role == DirectoryRole.InodeTable ? DirectoryOrder.Uuids : DirectoryOrder.Names;

    /// <summary>Its entries.</summary>
    public required BlockRef Content { get; init; }

    /// <summary>The table that its indirect entries name inodes in.</summary>
    public required BlockRef Inodes { get; init; }

    /// <summary>Reads its entries.</summary>
    public required DirectoryReader Reader { get; init; }

    /// <summary>What kind of place this is.</summary>
    public required DirectoryRole Role { get; init; }

    /// <summary>The one entry of an <see cref="DirectoryRole.Earlier"/> or <see cref="DirectoryRole.Named"/>, which no listing holds.</summary>
    public Dirent? Only { get; init; }

    /// <summary>Of <see cref="DirectoryRole.Named"/>, that entry's name, which tells it from others in the same folder; otherwise empty.</summary>
    public byte[] Name { get; init; } = [];

    /// <summary>Of <see cref="DirectoryRole.Named"/>, the folder that the entry is; null where it is a tree.</summary>
    public NamedFolder? OnlyFolder { get; init; }

    /// <summary>What finds its entries, where they are found by asking.</summary>
    public NamedFolder? Names { get; init; }

    /// <summary>The listing of <see cref="Names"/> that somebody is in the midst of.</summary>
    public byte[][]? Listing { get; set; }

    /// <summary>Told apart by this, inodes with UUIDs have other numbers in each of many versions of one tree: who compares two versions must not take two files for one. 0 for none.</summary>
    public ulong Salt { get; init; }

    /// <summary>Whether a name was looked up in it; only ever set.</summary>
    public bool IsLookedInto { get; set; }

    /// <summary>How many lookups of its entries the kernel holds; guarded by the table's gate.</summary>
    public long Lookups { get; set; }
}
