using Vt.Blocks.Contracts;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Trees.Tar.Reading;

/// <summary>
/// Reads an archive from its start to its end, member by member: of the seventh edition, ustar, pax (POSIX.1-2017), GNU tar and what star and bsdtar add. Each
/// member's content comes before the next member. One thread at a time.
/// </summary>
/// <param name="input">The archive, not compressed; not disposed.</param>
sealed class TarReader(Stream input)
{
    const int LongestName = 1 << 20;
    const int MostParts = 1 << 20;
    const int SkipPiece = 64 << 10;
    const int MostKeptOfMap = 24 * MostParts;

    readonly PaxHeader _header = new();
    readonly byte[] _block = new byte[TarHeader.BlockSize];
    byte[]? _longName;
    byte[]? _longTarget;
    long _position;
    long _left; // of the member's content in the archive
    long _padding;

    /// <summary>Whether the archive has ended as one does; only when there are no more members.</summary>
    public bool HasEndMark { get; private set; }

    /// <summary>Goes to the next member, past what was not read of the one before.</summary>
    /// <returns>Null at the end.</returns>
    /// <exception cref="FormatInvalidException">This is no archive, it is damaged, or it ends within a member.</exception>
    public async ValueTask<TarEntry?> NextAsync(CancellationToken cancellationToken)
    {
        await SkipAsync(_left + _padding, cancellationToken);
        (_left, _padding) = (0, 0);
        while (await TryReadBlockAsync(cancellationToken))
        {
            if (!_block.AsSpan().ContainsAnyExcept((byte)0))
            {
                HasEndMark = true;
                return null;
            }

            CheckSum();
            var size = TarNumbers.ReadField(_block.AsSpan(124, 12), "size");
            if (size < 0)
                throw Damaged("a member's size is negative");
            var type = _block[156];
            switch (type)
            {
                case (byte)'x' or (byte)'X':
                    _header.Add(await ReadExtensionAsync(size, PaxHeader.Longest, cancellationToken), isForAll: false);
                    continue;
                case (byte)'g':
                    _header.Add(await ReadExtensionAsync(size, PaxHeader.Longest, cancellationToken), isForAll: true);
                    continue;
                case (byte)'L':
                    _longName = await ReadNameAsync(size, cancellationToken);
                    continue;
                case (byte)'K':
                    _longTarget = await ReadNameAsync(size, cancellationToken);
                    continue;
                default:
                    return await BeginAsync(type, size, cancellationToken);
            }
        }

        return null;
    }

    /// <summary>Reads the next bytes of the member's content, as the archive has them: without holes.</summary>
    /// <exception cref="FormatInvalidException">The archive ends before.</exception>
    public async ValueTask ReadAsync(Memory<byte> bytes, CancellationToken cancellationToken)
    {
        if (bytes.Length > _left)
            throw Damaged("a member's map of holes promises more data than there is");
        await FillAsync(bytes, cancellationToken);
        _left -= bytes.Length;
    }

    /// <summary>Takes what comes behind the archive's end, so that who writes it is not cut off.</summary>
    public async ValueTask DrainAsync(CancellationToken cancellationToken)
    {
        var piece = new byte[SkipPiece];
        while (await input.ReadAsync(piece, cancellationToken) > 0)
        {
            // Padding, or what somebody wrote behind it.
        }
    }

    async ValueTask<TarEntry> BeginAsync(byte type, long size, CancellationToken cancellationToken)
    {
        var block = _block.ToArray();
        if (_header.Find("size") is { } long64)
            size = TarNumbers.ReadDecimal(long64, "size");

        // What has no content has none, whatever its size says.
        (_left, _padding) = type is (byte)'1' or (byte)'2' or (byte)'3' or (byte)'4' or (byte)'6' ? (0, 0) : (size, TarHeader.Pad(size) - size);
        var path = PathOf(block);
        var kind = KindOf(type, path);
        if (kind == DirentKind.Directory)
            await SkipContentAsync(cancellationToken);
        var (parts, real) = kind == DirentKind.File ? await ReadPartsAsync(type, block, size, cancellationToken) : (null, 0);
        var xattrs = TarXattrs.Read(_header, out var fault);
        var entry = new TarEntry
        {
            Path = path,
            Kind = kind,
            Target = _header.Find("linkpath") ?? _longTarget ?? Text(block.AsSpan(157, 100)),
            Metadata = MetadataOf(block, kind),
            Xattrs = xattrs,
            Size = real,
            Parts = parts,
            Fault = kind == DirentKind.None ? WhyNone(type) : fault,
        };
        _header.EndMember();
        (_longName, _longTarget) = (null, null);
        return entry;
    }

    byte[] PathOf(byte[] block)
    {
        if (_header.Find("GNU.sparse.name") is { } sparse)
            return sparse;
        if (_header.Find("path") is { } path)
            return path;
        if (_longName is not null)
            return _longName;
        var name = Text(block.AsSpan(0, 100));

        // GNU tar has other things where POSIX has the beginning of a long name.
        var prefix = block.AsSpan(257, 6).SequenceEqual("ustar\0"u8) ? Text(block.AsSpan(345, 155)) : [];
        return prefix.Length > 0 ? [.. prefix, (byte)'/', .. name] : name;
    }

    static DirentKind KindOf(byte type, byte[] path) => type switch
    {
        // The seventh edition knew no directories but by their names.
        (byte)'0' or 0 or (byte)'7' => path is [.., (byte)'/'] ? DirentKind.Directory : DirentKind.File,
        (byte)'S' => DirentKind.File,
        (byte)'1' => DirentKind.Indirect,
        (byte)'2' => DirentKind.Symlink,
        (byte)'3' => DirentKind.CharacterDevice,
        (byte)'4' => DirentKind.BlockDevice,
        (byte)'5' or (byte)'D' => DirentKind.Directory,
        (byte)'6' => DirentKind.Fifo,
        _ => DirentKind.None,
    };

    static string? WhyNone(byte type) => type switch
    {
        (byte)'V' => null, // a volume's label
        (byte)'M' => "it goes on from another volume of the archive, which has to be joined first",
        _ => $"members of type '{(char.IsAsciiLetterOrDigit((char)type) ? ((char)type).ToString() : $"\\x{type:x2}")}' are not known",
    };

    Metadata MetadataOf(byte[] block, DirentKind kind)
    {
        var isDevice = kind is DirentKind.CharacterDevice or DirentKind.BlockDevice;
        var isUstar = block.AsSpan(257, 5).SequenceEqual("ustar"u8);
        return new Metadata
        {
            Mode = (uint)TarNumbers.ReadField(block.AsSpan(100, 8), "mode") & Metadata.PermissionMask,
            Uid = TarNumbers.Narrow(Number("uid", block.AsSpan(108, 8)), "owner"),
            Gid = TarNumbers.Narrow(Number("gid", block.AsSpan(116, 8)), "group"),
            UserName = Owner("uname", isUstar ? block.AsSpan(265, 32) : default),
            GroupName = Owner("gname", isUstar ? block.AsSpan(297, 32) : default),
            ModificationTime = _header.Find("mtime") is { } modified ? TarNumbers.ReadTime(modified) : new Timestamp(TarNumbers.ReadField(block.AsSpan(136, 12), "time"), 0),
            ChangeTime = _header.Find("ctime") is { } changed ? TarNumbers.ReadTime(changed) : null,
            BirthTime = _header.Find("LIBARCHIVE.creationtime") is { } born ? TarNumbers.ReadTime(born) : null,
            Device = isDevice
                ? new DeviceId(
                    TarNumbers.Narrow(Number("SCHILY.devmajor", block.AsSpan(329, 8)), "device"), TarNumbers.Narrow(Number("SCHILY.devminor", block.AsSpan(337, 8)), "device"))
                : null,
        };
    }

    long Number(string keyword, ReadOnlySpan<byte> field) => _header.Find(keyword) is { } record ? TarNumbers.ReadDecimal(record, keyword) : TarNumbers.ReadField(field, keyword);

    byte[] Owner(string keyword, ReadOnlySpan<byte> field) =>
        (_header.Find(keyword) ?? Text(field)) is { Length: <= Metadata.LongestOwnerName } name && !name.AsSpan().Contains((byte)0) ? name : [];

    /// <summary>Where the content has data: null where all of it is there; and how long it is.</summary>
    async ValueTask<(IReadOnlyList<(long Offset, long Length)>? Parts, long Size)> ReadPartsAsync(byte type, byte[] block, long size, CancellationToken cancellationToken)
    {
        List<(long Offset, long Length)> parts;
        long real;
        if (type == 'S')
        {
            real = TarNumbers.ReadField(block.AsSpan(483, 12), "real size");
            parts = await ReadOldMapAsync(block, cancellationToken);
        }
        else if (_header.Find("GNU.sparse.major") is [(byte)'1'])
        {
            real = TarNumbers.ReadDecimal(_header.Find("GNU.sparse.realsize") ?? [], "real size");
            parts = await ReadMapAsync(cancellationToken);
        }
        else if (_header.Find("GNU.sparse.size") is { } said)
        {
            real = TarNumbers.ReadDecimal(said, "real size");
            parts = _header.Find("GNU.sparse.map") is { } map ? ReadMap(map) : [.. _header.Parts];
        }
        else
        {
            return (null, size);
        }

        CheckParts(parts, real);
        return (parts, real);
    }

    void CheckParts(List<(long Offset, long Length)> parts, long real)
    {
        var (at, sum) = (0L, 0L);
        foreach (var (offset, length) in parts)
        {
            if (offset < at || length < 0 || length > real - offset)
                throw Damaged("a member's map of holes makes no sense");
            at = offset + length;
            sum += length;
        }

        if (sum > _left)
            throw Damaged("a member's map of holes promises more data than there is");
    }

    // Four parts in the header, 21 in each block behind it as long as one says that another follows.
    async ValueTask<List<(long Offset, long Length)>> ReadOldMapAsync(byte[] block, CancellationToken cancellationToken)
    {
        var parts = new List<(long Offset, long Length)>();
        Add(block.AsSpan(386, 96));
        for (var goesOn = block[482] != 0; goesOn; goesOn = _block[504] != 0)
        {
            if (parts.Count > MostParts)
                throw Damaged("a member has more holes than any is taken with");
            await FillAsync(_block, cancellationToken);
            Add(_block.AsSpan(0, 504));
        }

        return parts;

        void Add(ReadOnlySpan<byte> entries)
        {
            for (; entries.Length >= 24 && entries[0] != 0; entries = entries[24..])
                parts.Add((TarNumbers.ReadField(entries[..12], "map of holes"), TarNumbers.ReadField(entries[12..24], "map of holes")));
        }
    }

    static List<(long Offset, long Length)> ReadMap(byte[] text)
    {
        var numbers = System.Text.Encoding.Latin1.GetString(text).Split(',');
        if (numbers.Length % 2 != 0 || numbers.Length > 2 * MostParts)
            throw new FormatInvalidException("a member's map of holes makes no sense");
        var parts = new List<(long Offset, long Length)>();
        for (var i = 0; i < numbers.Length; i += 2)
            parts.Add((Read(numbers[i]), Read(numbers[i + 1])));
        return parts;

        static long Read(string number) => TarNumbers.ReadDecimal(System.Text.Encoding.Latin1.GetBytes(number), "map of holes");
    }

    // Version 1.0: lines of decimal numbers before the data, filled up to whole blocks.
    async ValueTask<List<(long Offset, long Length)>> ReadMapAsync(CancellationToken cancellationToken)
    {
        var text = new List<byte>();
        var (lines, wanted, counted) = (0, 1L, false);
        while (lines < wanted)
        {
            if (text.Count >= MostKeptOfMap)
                throw Damaged("a member has more holes than any is taken with");
            await ReadAsync(_block, cancellationToken);
            text.AddRange(_block);
            lines = text.Count(static b => b == '\n');
            if (!counted && text.IndexOf((byte)'\n') is >= 0 and var end)
            {
                counted = true;
                var count = TarNumbers.ReadDecimal(text[..end].ToArray(), "map of holes");
                wanted = count <= MostParts ? 1 + (2 * count) : throw Damaged("a member has more holes than any is taken with");
            }
        }

        var numbers = System.Text.Encoding.Latin1.GetString([.. text]).Split('\n').Skip(1).Take((int)wanted - 1).ToArray();
        return ReadMap(System.Text.Encoding.Latin1.GetBytes(string.Join(',', numbers)) is { Length: > 0 } joined ? joined : [])
            is var parts && wanted > 1 ? parts : [];
    }

    async ValueTask<byte[]> ReadExtensionAsync(long size, int longest, CancellationToken cancellationToken)
    {
        if (size > longest)
            throw Damaged($"an extended header of {size} bytes is longer than the {longest} that are read");
        var bytes = new byte[size];
        await FillAsync(bytes, cancellationToken);
        await SkipAsync(TarHeader.Pad(size) - size, cancellationToken);
        return bytes;
    }

    async ValueTask<byte[]> ReadNameAsync(long size, CancellationToken cancellationToken) => Text(await ReadExtensionAsync(size, LongestName, cancellationToken));

    ValueTask SkipContentAsync(CancellationToken cancellationToken)
    {
        var all = _left + _padding;
        (_left, _padding) = (0, 0);
        return SkipAsync(all, cancellationToken);
    }

    async ValueTask SkipAsync(long count, CancellationToken cancellationToken)
    {
        if (count == 0)
            return;
        var piece = new byte[(int)Math.Min(SkipPiece, count)];
        for (; count > 0; count -= Math.Min(piece.Length, count))
            await FillAsync(piece.AsMemory(0, (int)Math.Min(piece.Length, count)), cancellationToken);
    }

    // Nothing at all is an end without a mark.
    async ValueTask<bool> TryReadBlockAsync(CancellationToken cancellationToken)
    {
        var got = await input.ReadAtLeastAsync(_block, _block.Length, throwOnEndOfStream: false, cancellationToken);
        _position += got;
        if (got == 0)
            return false;
        return got == _block.Length ? true : throw Damaged(_position == got ? "this is no tar archive" : "the archive ends within a header");
    }

    async ValueTask FillAsync(Memory<byte> bytes, CancellationToken cancellationToken)
    {
        var got = await input.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
        _position += got;
        if (got < bytes.Length)
            throw Damaged("the archive ends within a member");
    }

    void CheckSum()
    {
        var (plain, signed) = (0, 0);
        for (var i = 0; i < _block.Length; i++)
        {
            var value = i is >= 148 and < 156 ? (byte)' ' : _block[i];
            plain += value;
            signed += (sbyte)value;
        }

        // Old programs added signed bytes up.
        long said;
        try
        {
            said = TarNumbers.ReadField(_block.AsSpan(148, 8), "checksum");
        }
        catch (FormatInvalidException)
        {
            said = -1;
        }

        if (said != plain && said != signed)
            throw Damaged(_position == _block.Length ? "this is no tar archive" : "there is no member's header where one should be");
    }

    FormatInvalidException Damaged(string what) => new(what, Math.Max(0, _position - _block.Length));

    static byte[] Text(ReadOnlySpan<byte> field) => (field.IndexOf((byte)0) is >= 0 and var end ? field[..end] : field).ToArray();
}
