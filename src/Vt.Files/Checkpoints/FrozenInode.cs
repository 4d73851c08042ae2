using Vt.Blocks.BlockTree;
using Vt.Files.BackedFiles;
using Vt.Files.Inodes;
using Vt.Trees.Dirents;

namespace Vt.Files.Checkpoints;

/// <summary>An inode as it was at a checkpoint's instant.</summary>
sealed class FrozenInode(Inode inode)
{
    /// <summary>The inode.</summary>
    public Inode Inode { get; } = inode;

    /// <summary>Mode, owner, times and attributes.</summary>
    public required InodeStatus Status { get; init; }

    /// <summary>How many names it had.</summary>
    public required uint Links { get; init; }

    /// <summary>Its UUID.</summary>
    public required Guid? Uuid { get; init; }

    /// <summary>Whether it stands in the inode table.</summary>
    public required bool IsIndirect { get; init; }

    /// <summary>Whether it had changed, rather than something below it.</summary>
    public required bool IsChanged { get; init; }

    /// <summary>The directory above; null of the root and of those in the inode table.</summary>
    public FrozenInode? Parent { get; init; }

    /// <summary>Its name there.</summary>
    public byte[] Name { get; init; } = [];

    /// <summary>How many directories are above it.</summary>
    public int Depth { get; init; }

    /// <summary>Content that is not stored yet; disposed with this checkpoint's end.</summary>
    public ContentSnapshot? Content { get; init; }

    /// <summary>What is stored of its content, or of its entries.</summary>
    public BlockRef Stored { get; set; }

    /// <summary>How much of <see cref="Stored"/> lies in holes.</summary>
    public long Holes { get; set; }

    /// <summary>Of a directory: the names that had changed, and what they led to.</summary>
    public List<(byte[] Name, Inode? Child)> Changes { get; } = [];

    /// <summary>Of a directory: what is to be rewritten in it, since something below has changed.</summary>
    public List<FrozenInode> Children { get; } = [];

    /// <summary>Of a directory: how many entries it had, or how many more than are stored.</summary>
    public long Count { get; init; }

    /// <summary>Of a directory: how many directories it had.</summary>
    public long Subdirectories { get; init; }

    /// <summary>Of a directory: whose entries these are, see <see cref="LiveDirectory.Generation"/>.</summary>
    public uint Generation { get; init; }

    /// <summary>What the checkpoint made of it.</summary>
    public Dirent? Result { get; set; }
}
