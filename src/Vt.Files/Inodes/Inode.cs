using Vt.Blocks.BlockTree;
using Vt.Files.BackedFiles;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Files.Inodes;

/// <summary>An inode of a live file system, for as long as the kernel knows it, something is open in it, or it has unstored changes.</summary>
/// <remarks>
/// Two locks: the tree's gate for names, links and places; <see cref="Gate"/> for status and content. Who needs both takes the tree's
/// first, and a file's own gate (<see cref="BackedFile.Gate"/>) last.
/// </remarks>
sealed class Inode
{
    BackedFile? _file;
    uint _changedEpoch;
    uint _boundEpoch;
    bool _isLocal;

    /// <summary>Makes an inode that has no name yet.</summary>
    /// <param name="id">What the log calls it; never used twice in the life of a log.</param>
    /// <param name="number">Its inode number.</param>
    /// <param name="kind">What it is.</param>
    public Inode(NodeId id, ulong number, DirentKind kind)
    {
        Id = id;
        Number = number;
        Kind = kind;
    }

    /// <summary>What the log calls it.</summary>
    public NodeId Id { get; }

    /// <summary>What the kernel calls it: its number, so that a handle that somebody kept leads to it in every mount. Set once, by the tree.</summary>
    public NodeId Node { get; set; }

    /// <summary>Its inode number.</summary>
    public ulong Number { get; }

    /// <summary>What it is; never <see cref="DirentKind.Indirect"/>.</summary>
    public DirentKind Kind { get; }

    /// <summary>Guards <see cref="Status"/> and the making of <see cref="File"/>.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Mode, owner, times, attributes.</summary>
#pragma warning disable SA1401 // A struct that is changed in place under the gate.
    public InodeStatus Status;
#pragma warning restore SA1401

    /// <summary>By which it is known for ever; null of one that its stored path identifies.</summary>
    public Guid? Uuid { get; set; }

    /// <summary>How many names it has; of a directory 1 while it is in the tree.</summary>
    public uint Links { get; set; }

    /// <summary>How many of its names are local.</summary>
    public uint LocalLinks { get; set; }

    /// <summary>How many of its names are in the archive, or will be.</summary>
    public uint StoredLinks => Links - LocalLinks;

    /// <summary>Whether it is in no state of the archive, since all its names are local.</summary>
    public bool IsLocal
    {
        get => Volatile.Read(ref _isLocal);
        set => Volatile.Write(ref _isLocal, value);
    }

    /// <summary>Whether the stored inode table may have it.</summary>
    public bool IsInTable { get; set; }

    /// <summary>The device of a device node.</summary>
    public DeviceId? Device { get; init; }

    /// <summary>The target of a symbolic link, or of a file that nobody has opened its stored content.</summary>
    public BlockRef Stored { get; set; }

    /// <summary>How many bytes of the stored content lie in holes.</summary>
    public long StoredHoles { get; set; }

    /// <summary>A file's content once somebody read or changed it; set once, under the gate.</summary>
    public BackedFile? File
    {
        get => Volatile.Read(ref _file);
        set => Volatile.Write(ref _file, value);
    }

    /// <summary>A directory's entries.</summary>
    public LiveDirectory? Directory { get; init; }

    /// <summary>A directory in which one of its names stands; null of the root and of what has no name any more.</summary>
    public Inode? Parent { get; set; }

    /// <summary>Its name in <see cref="Parent"/>.</summary>
    public byte[] Name { get; set; } = [];

    /// <summary>The places of its further names, as far as they are in memory.</summary>
    public List<(Inode Directory, byte[] Name)>? FurtherPlaces { get; set; }

    /// <summary>Whether its dirent stands in the inode table, and its names lead there.</summary>
    public bool IsIndirect { get; set; }

    /// <summary>How many lookups the kernel holds.</summary>
    public long Lookups { get; set; }

    /// <summary>The epoch whose records last told its place; see doc/design/005-live.md.</summary>
    public uint BoundEpoch
    {
        get => Volatile.Read(ref _boundEpoch);
        set => Volatile.Write(ref _boundEpoch, value);
    }

    /// <summary>The epoch in which it last changed; 0 where everything is stored. Set under the gate of the list of changes.</summary>
    public uint ChangedEpoch
    {
        get => Volatile.Read(ref _changedEpoch);
        set => Volatile.Write(ref _changedEpoch, value);
    }

    /// <summary>The stored entry, whose fields that we know nothing of are carried along; null of one that was never stored.</summary>
    public Dirent? Entry { get; set; }

    /// <summary>Whether no name leads to it any more.</summary>
    public bool IsOrphan => Links == 0 && Id != NodeId.Root;

    /// <inheritdoc/>
    public override string ToString() => $"inode {Id.Value} ({Kind})";
}
