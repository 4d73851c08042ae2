using Vt.Trees.Directories;

namespace Vt.Files;

/// <summary>How a tree is shown.</summary>
public sealed record ReadOnlyFileSystemOptions
{
    /// <summary>What a reader keeps of directory nodes, in bytes.</summary>
    public long DirectoryCacheBytes { get; init; } = DirectoryNodeCache.DefaultBytes;

    /// <summary>What all readers together keep of what they read ahead, in bytes.</summary>
    public long ReadAheadBytes { get; init; } = 16 << 20;

    /// <summary>The virtual files that every folder has, and no listing shows.</summary>
    public IReadOnlyList<Virtual.VirtualFormat> Formats { get; init; } = [Virtual.VirtualFormat.Tar];

    /// <summary>Everything belongs to this user where it is given.</summary>
    public uint? Uid { get; init; }

    /// <summary>Everything belongs to this group where it is given.</summary>
    public uint? Gid { get; init; }

    /// <summary>Owners and groups that are shown as others; null shows them as they are stored.</summary>
    public Access.IdentityMap? Identities { get; init; }

    /// <summary>
    /// Finds the newest earlier version of a directory that differs from what is there now, for the name <c>...</c>: gets the path
    /// of the directory from the root, without slashes at its ends, and its content; null where there is no earlier version.
    /// </summary>
    public Func<ReadOnlyMemory<byte>, Trees.Dirents.Dirent, CancellationToken, ValueTask<Trees.Dirents.Dirent?>>? Earlier { get; init; }

    /// <summary>
    /// What the name <c>.vt</c> in the root leads to, which no listing shows, unless the root has an entry of that name; null for nothing.
    /// </summary>
    public NamedFolder? Versions { get; init; }

    /// <summary>Gets one line about each fault that a reader met and answered with EIO.</summary>
    public Action<string>? Log { get; init; }
}
