using Vt.Trees.Dirents;

namespace Vt.Trees.Directories;

/// <summary>One change of a directory.</summary>
public readonly struct DirectoryEdit
{
    DirectoryEdit(ReadOnlyMemory<byte> key, Dirent? dirent)
    {
        Key = key;
        Dirent = dirent;
    }

    /// <summary>The name that it is about; of an inode table the UUID's 16 bytes.</summary>
    public ReadOnlyMemory<byte> Key { get; }

    /// <summary>The entry that is to be there; null where none is.</summary>
    public Dirent? Dirent { get; }

    /// <summary>Adds an entry or replaces the one of its name.</summary>
    public static DirectoryEdit Put(Dirent dirent) => new(dirent.Name, dirent);

    /// <summary>Removes the entry of a name, if there is one.</summary>
    public static DirectoryEdit Remove(ReadOnlyMemory<byte> name) => new(name, null);

    /// <summary>Adds an inode to an inode table or replaces the one of its UUID.</summary>
    public static DirectoryEdit PutInode(Dirent inode) =>
        new((inode.Uuid ?? throw new ArgumentException("an inode needs a UUID", nameof(inode))).ToByteArray(bigEndian: true), inode);

    /// <summary>Removes an inode from an inode table, if it is there.</summary>
    public static DirectoryEdit RemoveInode(Guid uuid) => new(uuid.ToByteArray(bigEndian: true), null);
}
