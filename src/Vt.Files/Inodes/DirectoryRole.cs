namespace Vt.Files.Inodes;

/// <summary>What an open directory's positions count.</summary>
enum DirectoryRole
{
    /// <summary>The entries of a directory.</summary>
    Entries,

    /// <summary>The inodes of an inode table.</summary>
    InodeTable,

    /// <summary>The one earlier version of a directory, which is there under the name <c>...</c>.</summary>
    Earlier,

    /// <summary>The one folder or tree that a name of a <see cref="NamedFolder"/> leads to.</summary>
    Named,
}
