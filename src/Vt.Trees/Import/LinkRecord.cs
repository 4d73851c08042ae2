using Vt.Trees.Dirents;

namespace Vt.Trees.Import;

/// <summary>An inode of the source that has several names.</summary>
sealed class LinkRecord(Guid uuid)
{
    /// <summary>What its names call it.</summary>
    public Guid Uuid { get; } = uuid;

    /// <summary>The inode, without a name; null until its content is stored, and for good where it can't be read.</summary>
    public Dirent? Inode { get; set; }
}
