using Vt.Blocks.Contracts;

namespace Vt.Trees.Meta;

/// <summary>What an inode has beside its content: permissions, owner, times, attributes. Immutable.</summary>
public sealed partial record Metadata
{
    /// <summary>Every permission bit with setuid, setgid and sticky: the mode without the type.</summary>
    public const uint PermissionMask = 0xFFF;

    /// <summary>The longest user or group name, in bytes.</summary>
    public const int LongestOwnerName = 255;

    const int LargestUnknown = 512;

    readonly uint _mode;
    readonly ReadOnlyMemory<byte> _userName;
    readonly ReadOnlyMemory<byte> _groupName;
    readonly Timestamp? _modificationTime;
    readonly Timestamp? _changeTime;
    readonly Timestamp? _birthTime;
    readonly Timestamp? _accessTime;

    /// <summary>Nothing given: mode 0, owned by 0:0, no times.</summary>
    public static Metadata Empty { get; } = new();

    /// <summary>Permission bits, setuid (04000), setgid (02000) and sticky (01000) among them; the type is the dirent's kind.</summary>
    public uint Mode
    {
        get => _mode;
        init => _mode = value <= PermissionMask ? value : throw new FormatInvalidException($"a mode of {Convert.ToString(value, 8)} has bits that aren't permissions");
    }

    /// <summary>The owner's number.</summary>
    public uint Uid { get; init; }

    /// <summary>The group's number.</summary>
    public uint Gid { get; init; }

    /// <summary>The owner's name where the file came from; empty where it isn't known.</summary>
    public ReadOnlyMemory<byte> UserName
    {
        get => _userName;
        init => _userName = OwnerName(value);
    }

    /// <summary>The group's name where the file came from; empty where it isn't known.</summary>
    public ReadOnlyMemory<byte> GroupName
    {
        get => _groupName;
        init => _groupName = OwnerName(value);
    }

    /// <summary>When the content last changed.</summary>
    public Timestamp? ModificationTime
    {
        get => _modificationTime;
        init => _modificationTime = Valid(value);
    }

    /// <summary>When the inode last changed.</summary>
    public Timestamp? ChangeTime
    {
        get => _changeTime;
        init => _changeTime = Valid(value);
    }

    /// <summary>When the inode was made.</summary>
    public Timestamp? BirthTime
    {
        get => _birthTime;
        init => _birthTime = Valid(value);
    }

    /// <summary>When the inode was last read, where somebody set that time; an import does not keep it.</summary>
    public Timestamp? AccessTime
    {
        get => _accessTime;
        init => _accessTime = Valid(value);
    }

    /// <summary>The device, of character and block device nodes.</summary>
    public DeviceId? Device { get; init; }

    /// <summary>The extended attributes; POSIX ACLs and capabilities are among them, as the kernel gives them.</summary>
    public XattrSet Xattrs { get; init; } = XattrSet.Empty;

    /// <summary>
    /// How many names an inode has: of those in the inode table as many as the tree has, of a directory two more than it has
    /// subdirectories; 0 where it isn't given, which means one.
    /// </summary>
    public uint LinkCount { get; init; }

    /// <summary>The inode's number in the tree that it was imported from, by which an import knows it again; 0 where it isn't given.</summary>
    public ulong SourceInode { get; init; }

    /// <summary>How many bytes of a file's content lie in holes; 0 where it has none or it isn't known.</summary>
    public ulong HoleSpan { get; init; }

    /// <summary>Fields that a later version wrote, as they were; carried along.</summary>
    internal ReadOnlyMemory<byte> Unknown { get; init; }

    /// <inheritdoc/>
    public bool Equals(Metadata? other) =>
        other is not null
        && (ReferenceEquals(this, other) || (EqualsButForBookkeeping(other)
            && _changeTime == other._changeTime
            && _birthTime == other._birthTime
            && _accessTime == other._accessTime
            && LinkCount == other.LinkCount
            && SourceInode == other.SourceInode
            && HoleSpan == other.HoleSpan));

    /// <summary>
    /// Whether everything that a restore brings back is equal: all but change time, birth time, link count and source inode,
    /// which no program can set, the access time, which reading changes, and the size of the holes, which follows from the content.
    /// </summary>
    public bool EqualsButForBookkeeping(Metadata other) =>
        _mode == other._mode
        && Uid == other.Uid
        && Gid == other.Gid
        && _modificationTime == other._modificationTime
        && Device == other.Device
        && _userName.Span.SequenceEqual(other._userName.Span)
        && _groupName.Span.SequenceEqual(other._groupName.Span)
        && Xattrs.Equals(other.Xattrs)
        && Unknown.Span.SequenceEqual(other.Unknown.Span);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_mode, Uid, Gid, _modificationTime, _changeTime, SourceInode);

    static ReadOnlyMemory<byte> OwnerName(ReadOnlyMemory<byte> name) =>
        name.Length <= LongestOwnerName ? name : throw new FormatInvalidException($"an owner's name of {name.Length} bytes is over the limit of {LongestOwnerName}");

    static Timestamp? Valid(Timestamp? time) =>
        time is not { IsValid: false } ? time : throw new FormatInvalidException($"{time.Value.Nanoseconds} nanoseconds are a second or more");
}
