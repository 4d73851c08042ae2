using Vt.Trees.Dirents;

namespace Vt.Trees.Import;

/// <summary>An inode of the source that has several names.</summary>
sealed class LinkRecord(Guid uuid, uint names)
{
    /// <summary>How many names the source says that it has, wherever they are.</summary>
    public uint NamesTold => names;

    /// <summary>How many the walker has come by.</summary>
    public long NamesFound { get; set; }

    /// <summary>What its names call it.</summary>
    public Guid Uuid { get; } = uuid;

    /// <summary>The inode, without a name; null until its content is stored, and for good where it can't be read.</summary>
    public Dirent? Inode { get; set; }
}
