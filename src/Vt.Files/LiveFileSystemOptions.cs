namespace Vt.Files;

/// <summary>How a live file system works.</summary>
public sealed record LiveFileSystemOptions
{
    /// <summary>
    /// Whether whatever would destroy or change what is there is refused with EPERM: names stay, bytes stay, and so do modes, owners, times and
    /// attributes. New names come, and files grow at their end.
    /// </summary>
    public bool IsAppendOnly { get; init; }

    /// <summary>After how long changes are stored at the latest.</summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>After how many written bytes changes are stored at the latest.</summary>
    public long CheckpointBytes { get; init; } = 256 << 20;

    /// <summary>How many written bytes may wait to be stored before who writes has to wait as well.</summary>
    public long MostUnstored { get; init; } = 512 << 20;

    /// <summary>How many bytes of content all files together may have, outside of holes; null for as many as there is room for.</summary>
    public long? MostContent { get; init; }

    /// <summary>How long all flat copies of contents together may be, in bytes; see <see cref="LiveFileSystem.FlatAttribute"/>.</summary>
    public long FlatBytes { get; init; } = 16L << 30;

    /// <summary>Which names are local; null for those rules that the state folder remembers.</summary>
    public LocalRules? Rules { get; init; }

    /// <summary>What is kept of directory nodes, in bytes.</summary>
    public long DirectoryCacheBytes { get; init; } = Trees.Directories.DirectoryNodeCache.DefaultBytes;

    /// <summary>What all readers together keep of what they read ahead, in bytes.</summary>
    public long ReadAheadBytes { get; init; } = 16 << 20;

    /// <summary>The virtual files that every folder has, and no listing shows.</summary>
    public IReadOnlyList<Virtual.VirtualFormat> Formats { get; init; } = [Virtual.VirtualFormat.Tar];

    /// <summary>Owners and groups that are shown as others; null shows them as they are stored.</summary>
    public Access.IdentityMap? Identities { get; init; }

    /// <summary>When reading moves the time of the last access.</summary>
    public AccessTimePolicy AccessTimes { get; init; }

    /// <summary>Whether listing a directory does not count as access (nodiratime).</summary>
    public bool OmitsDirectoryAccess { get; init; }

    /// <summary>Tells the time.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Whose the root of a new tree is.</summary>
    public (uint Uid, uint Gid) Owner { get; init; }

    /// <summary>Gets one line about each fault that a caller met and was answered with an error, and about checkpoints that fail.</summary>
    public Action<string>? Log { get; init; }

    /// <summary>Whether nothing is kept once it has ended: the last changes are not stored.</summary>
    public bool IsTemporary { get; init; }

    /// <summary>
    /// How long the end waits for a store that answers nothing at all, before what is not stored is left to the log and the next mount. A slow store is waited for.
    /// </summary>
    public TimeSpan EndPatience { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The crash tests' hook.</summary>
    public Blocks.Contracts.WriteBoundary Boundary { get; init; } = new(null);
}
