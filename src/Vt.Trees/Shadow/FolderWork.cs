using Vt.Trees.Dirents;
using Vt.Trees.Watch;

namespace Vt.Trees.Shadow;

/// <summary>One name of a folder at which something is to be done, or below which.</summary>
/// <param name="parent">The folder's; null of the top.</param>
/// <param name="name">The name, in bytes; empty of the top.</param>
sealed class FolderWork(FolderWork? parent, byte[] name)
{
    /// <summary>The name.</summary>
    public byte[] Name => name;

    /// <summary>The path below the top.</summary>
    public byte[] Path { get; } = parent is null ? [] : PathBytes.Join(parent.Path, name);

    /// <summary>What the folder had when it was looked at, of a hard link the inode; null for nothing.</summary>
    public Dirent? Seen { get; init; }

    /// <summary>What it is to have, of a hard link the inode; null for nothing.</summary>
    public Dirent? Wanted { get; init; }

    /// <summary>The same as it lies in its directory.</summary>
    public Dirent? Entry { get; init; }

    /// <summary>Whether the name itself may differ, not only what is below.</summary>
    public bool IsMarked { get; init; }

    /// <summary>What is below, in order.</summary>
    public List<FolderWork> Below { get; } = [];

    /// <summary>What is to be done.</summary>
    public FolderStep Step { get; set; }

    /// <summary>The number under which it gets ready.</summary>
    public int Number { get; set; }

    /// <summary>Another name in the folder of the inode that this becomes a name of.</summary>
    public (byte[] Path, Dirent Seen)? Anchor { get; set; }

    /// <summary>Of a directory that comes whole the paths in it that are to be names of inodes that the folder has elsewhere, and where.</summary>
    public List<(byte[] Path, (byte[] Path, Dirent Seen) Anchor)> Inner { get; } = [];

    /// <summary>Whether it and its counterpart are both directories.</summary>
    public bool IsFolder => Seen is { Kind: DirentKind.Directory } && Wanted is { Kind: DirentKind.Directory };
}
