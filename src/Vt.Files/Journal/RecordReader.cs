using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Files.Inodes;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Files.Journal;

/// <summary>Reads the parts of a log record one after another. The mirror of <see cref="RecordWriter"/>.</summary>
/// <exception cref="FormatInvalidException">The bytes are no such part.</exception>
ref struct RecordReader
{
    ByteReader _reader;

    /// <summary>Reads a record from its beginning, or from the beginning of one of its parts.</summary>
    public RecordReader(ReadOnlySpan<byte> record) => _reader = new ByteReader(record);

    /// <summary>What the part says.</summary>
    public RecordKind Kind { get; private set; }

    /// <summary>Where the next part begins.</summary>
    public readonly int Position => _reader.Position;

    /// <summary>Of <see cref="RecordKind.Time"/>.</summary>
    public Timestamp Time { get; private set; }

    /// <summary>The inode that the part is about.</summary>
    public NodeId Inode { get; private set; }

    /// <summary>The directory of a name.</summary>
    public NodeId Directory { get; private set; }

    /// <summary>A name, of an entry or an attribute.</summary>
    public ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>An attribute's value, or the rules of what is local.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>What a new inode is.</summary>
    public DirentKind MadeKind { get; private set; }

    /// <summary>An inode's UUID.</summary>
    public Guid Uuid { get; private set; }

    /// <summary>A device's number.</summary>
    public DeviceId? Device { get; private set; }

    /// <summary>Mode, owner and times; no attributes.</summary>
    public InodeStatus Status { get; private set; }

    /// <summary>Where a range starts.</summary>
    public long Offset { get; private set; }

    /// <summary>How long a range or a file is.</summary>
    public long Length { get; private set; }

    /// <summary>Where in the log a range's bytes are.</summary>
    public LogPlace Place { get; private set; }

    /// <summary>The CRC-32C of bulk bytes; null where another record has told it.</summary>
    public uint? Checksum { get; private set; }

    /// <summary>Stored content; of a symbolic link, its target.</summary>
    public BlockRef Content { get; private set; }

    /// <summary>Where in <see cref="Content"/> a range starts.</summary>
    public long ContentOffset { get; private set; }

    /// <summary>The stored entries that a directory has.</summary>
    public DirectoryRoot Entries { get; private set; }

    /// <summary>Reads the next part, if there is one.</summary>
    public bool Next()
    {
        if (_reader.AtEnd)
            return false;
        var at = _reader.Position;
        Kind = (RecordKind)_reader.ReadByte();
        switch (Kind)
        {
            case RecordKind.Time:
                Time = ReadTime();
                break;
            case RecordKind.Bind:
                Inode = ReadId();
                Directory = ReadId();
                Name = ReadName();
                break;
            case RecordKind.Make:
                ReadMade();
                break;
            case RecordKind.Enter:
                Directory = ReadId();
                Name = ReadName();
                Inode = ReadId();
                break;
            case RecordKind.Remove:
                Directory = ReadId();
                Name = ReadName();
                break;
            case RecordKind.Status:
                Inode = ReadId();
                Status = ReadStatus();
                break;
            case RecordKind.SetXattr:
                Inode = ReadId();
                Name = _reader.ReadData();
                Value = _reader.ReadData();
                break;
            case RecordKind.RemoveXattr:
                Inode = ReadId();
                Name = _reader.ReadData();
                break;
            case RecordKind.Extent:
                ReadRange();
                Place = new LogPlace((uint)Math.Min(_reader.ReadVarint(), uint.MaxValue), _reader.ReadVarintLong());
                Checksum = _reader.ReadByte() == 0 ? null : _reader.ReadUInt32();
                break;
            case RecordKind.Zero:
                ReadRange();
                break;
            case RecordKind.Stored:
                ReadRange();
                Content = BlockRef.Read(ref _reader);
                ContentOffset = _reader.ReadVarintLong();
                if (ContentOffset > Content.Span || Length > Content.Span - ContentOffset)
                    throw new FormatInvalidException($"{Length} bytes at {ContentOffset} are not within {Content.Span}", at);
                break;
            case RecordKind.Resize:
                Inode = ReadId();
                Length = _reader.ReadVarintLong();
                break;
            case RecordKind.Replace:
                Inode = ReadId();
                Content = BlockRef.Read(ref _reader);
                break;
            case RecordKind.Identify:
            case RecordKind.BindIndirect:
                Inode = ReadId();
                Uuid = ReadUuid();
                break;
            case RecordKind.Rules:
                Value = _reader.ReadData();
                break;
            case RecordKind.Adopt:
                ReadAdopted();
                break;
            default:
                throw new FormatInvalidException($"a record of kind {(int)Kind} is not known", at);
        }

        return true;
    }

    void ReadMade()
    {
        Inode = ReadId();
        var at = _reader.Position;
        MadeKind = (DirentKind)_reader.ReadByte();
        if (MadeKind is <= DirentKind.None or >= DirentKind.Indirect)
            throw new FormatInvalidException($"an inode of kind {(int)MadeKind} can't be made", at);
        Uuid = ReadUuid();
        Device = MadeKind is DirentKind.CharacterDevice or DirentKind.BlockDevice ? new DeviceId(ReadNumber(), ReadNumber()) : null;
        Content = MadeKind == DirentKind.Symlink ? BlockRef.Read(ref _reader) : BlockRef.Empty;
        Status = ReadStatus();
    }

    void ReadAdopted()
    {
        Directory = ReadId();
        var at = _reader.Position;
        Entries = new DirectoryRoot(BlockRef.Read(ref _reader), _reader.ReadVarintLong(), _reader.ReadVarintLong());
        Length = _reader.ReadVarintLong();
        if (Entries.Content.Span > 0 && Entries.Content.Kind != BlockRefKind.Direct)
            throw new FormatInvalidException("a directory is not a block", at);
        if (Entries.Subdirectories > Entries.Entries || (Entries.Content.Span == 0) != (Entries.Entries == 0))
            throw new FormatInvalidException($"{Entries.Content} can't have {Entries.Entries} entries and {Entries.Subdirectories} directories", at);
    }

    void ReadRange()
    {
        Inode = ReadId();
        var at = _reader.Position;
        Offset = _reader.ReadVarintLong();
        Length = _reader.ReadVarintLong();
        if (Length == 0 || Offset > long.MaxValue - Length)
            throw new FormatInvalidException($"{Length} bytes at {Offset} are no range", at);
    }

    NodeId ReadId() => new(_reader.ReadVarint());

    Guid ReadUuid() => new(_reader.ReadBytes(16), bigEndian: true);

    uint ReadNumber()
    {
        var at = _reader.Position;
        var value = _reader.ReadVarint();
        return value <= uint.MaxValue ? (uint)value : throw new FormatInvalidException($"{value} is out of range", at);
    }

    ReadOnlySpan<byte> ReadName()
    {
        var at = _reader.Position;
        var name = _reader.ReadData();
        return !name.IsEmpty && Dirent.CheckName(name) is null ? name : throw new FormatInvalidException("a name is none", at);
    }

    InodeStatus ReadStatus() => new()
    {
        Mode = ReadNumber() & Metadata.PermissionMask,
        Uid = ReadNumber(),
        Gid = ReadNumber(),
        Modified = ReadTime(),
        Changed = ReadTime(),
        Accessed = ReadOptional(),
        Born = ReadOptional(),
        Xattrs = XattrSet.Empty,
    };

    Timestamp? ReadOptional() => _reader.ReadByte() == 0 ? null : ReadTime();

    Timestamp ReadTime()
    {
        var at = _reader.Position;
        var time = new Timestamp(_reader.ReadSignedVarint(), ReadNumber());
        return time.IsValid ? time : throw new FormatInvalidException($"{time.Nanoseconds} nanoseconds are a second or more", at);
    }
}
