namespace Vt.Posix;

/// <summary>One name of a directory.</summary>
/// <param name="name">The bytes; valid until the reader moves on.</param>
/// <param name="inode">The inode number; of a mount point, that of the directory below it.</param>
/// <param name="type">The type, where the file system tells.</param>
public readonly ref struct DirectoryEntry(ReadOnlySpan<byte> name, ulong inode, DirectoryEntryType type)
{
    /// <summary>The name's bytes; valid until the reader moves on.</summary>
    public ReadOnlySpan<byte> Name { get; } = name;

    /// <summary>The inode number; of a mount point, that of the directory below it.</summary>
    public ulong Inode { get; } = inode;

    /// <summary>The type, where the file system tells.</summary>
    public DirectoryEntryType Type { get; } = type;
}
