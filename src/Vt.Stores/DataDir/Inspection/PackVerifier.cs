using System.Buffers;
using Vt.Blocks.Chunking;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Blocks.Hashing;
using Vt.Posix;
using Vt.Stores.DataDir.Index;
using Vt.Stores.DataDir.Packs;
using Crc32C = Vt.Blocks.Encoding.Crc32C;

namespace Vt.Stores.DataDir.Inspection;

/// <summary>Reads every byte of one pack and checks it: one object a pack, one thread.</summary>
sealed class PackVerifier : IDisposable
{
    readonly PackId _pack;
    readonly string _path;
    readonly DataDirConfig _config;
    readonly BlockHasher _hasher;
    readonly FaultList _faults;
    readonly bool _isOpen;
    readonly FileDescriptor _file;
    readonly ZstdDecompressor _decompressor = new();
    readonly byte[] _frame = ArrayPool<byte>.Shared.Rent(FrameHeader.LongestHeader + FrameHeader.LongestPayload + FrameHeader.Alignment);
    readonly byte[] _raw = ArrayPool<byte>.Shared.Rent(FrameHeader.LongestPayload);
    readonly Chunk[] _chunks = new Chunk[FrameHeader.MostBlocks];
    readonly BlockHash[] _expected = new BlockHash[FrameHeader.MostBlocks];
    readonly BlockHash[] _names = new BlockHash[FrameHeader.MostBlocks];
    readonly Func<PackId, List<BlockHash>> _indexed;
    readonly HashSet<BlockHash> _sound = [];
    Run? _contents;
    long _foundBlocks;
    ulong _foundSum;
    bool _hasFault;

    /// <summary>Opens a pack.</summary>
    /// <param name="pack">The pack.</param>
    /// <param name="path">Its file.</param>
    /// <param name="isOpen">Whether it is one that was never closed.</param>
    /// <param name="config">The store.</param>
    /// <param name="faults">Receives what is wrong.</param>
    /// <param name="indexed">What the index knows of a pack, for one that has lost its table of contents.</param>
    /// <exception cref="IOException">It can't be opened.</exception>
    public PackVerifier(
        PackId pack, string path, bool isOpen, DataDirConfig config, FaultList faults, Func<PackId, List<BlockHash>> indexed)
    {
        _indexed = indexed;
        _pack = pack;
        _path = path;
        _isOpen = isOpen;
        _config = config;
        _hasher = HashAlgorithms.GetHasher(config.Hash);
        _faults = faults;
        _file = PosixFile.Open(path, OpenFlags.O_RDONLY);
        Length = PosixFile.Fstat(_file).Size;
    }

    /// <summary>The file's length.</summary>
    public long Length { get; }

    /// <summary>Blocks that were found sound.</summary>
    public long SoundBlocks { get; private set; }

    /// <summary>Checks all.</summary>
    /// <param name="listedLength">The length that the catalogue says; null where it says none.</param>
    /// <param name="advanced">Told how many more bytes were read, and how many more blocks.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="IOException">The file can't be read.</exception>
    public void Verify(long? listedLength, Action<long, long> advanced, CancellationToken cancellationToken)
    {
        if (listedLength is { } listed && listed != Length)
            Fault(Math.Min(listed, Length), $"the pack has {Length} bytes and the catalogue says {listed}");
        VerifyHeader();
        var trailer = _isOpen ? null : ReadTrailer();
        var end = trailer?.ContentsOffset ?? Length;
        if (trailer is { } known)
            VerifyContents(known);
        VerifyFrames(end, advanced, cancellationToken);
        if (trailer is { } totals && !_hasFault)
            VerifyTotals(totals);
        if (_contents is null && !_isOpen && _indexed(_pack).FindAll(hash => !_sound.Contains(hash)) is { Count: > 0 } lost)
            Fault(Length, $"{lost.Count} blocks that the index knows are gone, with the table of contents", lost);
        advanced(Length - end, 0);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _contents?.Release();
        _decompressor.Dispose();
        ArrayPool<byte>.Shared.Return(_frame);
        ArrayPool<byte>.Shared.Return(_raw);
        _file.Dispose();
    }

    void VerifyHeader()
    {
        try
        {
            var bytes = new byte[PackHeader.Size];
            var header = PackHeader.Read(bytes.AsSpan(0, PosixFile.PreadUpTo(_file, bytes, 0)));
            if (header.Id != _pack)
                Fault(16, $"the header names pack {header.Id}");
            else if (header.Store != _config.StoreId && header.Store != default)
                Fault(32, $"the header names store {header.Store}");
            else if (header.Hash != _config.Hash)
                Fault(10, $"the header names hash algorithm {(int)header.Hash}");
        }
        catch (FormatInvalidException fault)
        {
            Fault(fault.Offset, fault.What);
        }
    }

    PackTrailer? ReadTrailer()
    {
        try
        {
            var trailer = PackTrailer.Read(_file, Length);
            if (trailer.Id == _pack)
                return trailer;
            Fault(Length - PackTrailer.Size, $"the trailer names pack {trailer.Id}");
        }
        catch (FormatInvalidException fault)
        {
            Fault(fault.Offset, fault.What);
        }

        return null;
    }

    void VerifyContents(in PackTrailer trailer)
    {
        try
        {
            if (PackContents.CheckOf(_file, trailer.ContentsOffset, trailer.ContentsLength) != trailer.ContentsCheck)
                Fault(trailer.ContentsOffset, "the table of contents does not match the trailer's checksum");
            _contents = Run.Open(new RunPlace(_path, trailer.ContentsOffset, trailer.ContentsLength), _config.Hash, isPackRun: true);
            _contents.Verify(CancellationToken.None);
            if (_contents.Packs.Length != 1 || _contents.Packs[0].Id != _pack)
                Fault(trailer.ContentsOffset, "the table of contents is another pack's");
        }
        catch (FormatInvalidException fault)
        {
            Fault(fault.Offset, fault.What);
            _contents?.Release();
            _contents = null;
        }
        catch (IOException failed)
        {
            Fault(trailer.ContentsOffset, failed.Message);
        }
    }

    void VerifyFrames(long end, Action<long, long> advanced, CancellationToken cancellationToken)
    {
        using var scanner = new PackScanner(_file, PackHeader.SeedOf(_pack), PackHeader.Size, Math.Max(end, PackHeader.Size), checkPayloads: false);
        var isMore = true;
        var done = 0L;
        while (isMore)
        {
            isMore = scanner.MoveNext(cancellationToken);
            if (scanner.Skipped > 0)
                VerifySkipped(scanner, isMore ? scanner.Frame.Offset : end, isLast: !isMore);
            if (!isMore)
                break;
            var before = SoundBlocks;
            if (scanner.Frame.Header.Codec == FrameCodec.Filler)
                VerifyFiller(scanner.Frame);
            else
                VerifyFrame(scanner.Frame);
            advanced(scanner.Position - done, SoundBlocks - before);
            done = scanner.Position;
        }

        advanced(Math.Max(0, end - done), 0);
    }

    /// <summary>Bytes that belong to no frame: padding before the table of contents, damage, or what is being written.</summary>
    void VerifySkipped(PackScanner scanner, long skippedEnd, bool isLast)
    {
        var start = skippedEnd - scanner.Skipped;
        if (isLast && !_isOpen && scanner.Skipped < PackContents.Alignment && IsZero(start, (int)scanner.Skipped))
            return;
        if (_isOpen)
        {
            _faults.Note(_path, start, $"{scanner.Skipped} bytes are no whole frames: they are being written, or a writer was interrupted");
            return;
        }

        var affected = new List<BlockHash>();
        for (long i = 0; i < (_contents?.Count ?? 0); i++)
        {
            var entry = _contents!.EntryAt(i);
            if (entry.Location.Offset >= start && entry.Location.Offset < skippedEnd)
                affected.Add(entry.Key.ToHash(_config.Hash));
        }

        Fault(scanner.Fault?.Offset ?? start, $"{scanner.Skipped} bytes are no whole frames: {scanner.Fault?.What}", affected);
    }

    void VerifyFiller(in FoundFrame frame)
    {
        var start = frame.Offset + frame.Header.HeaderSize;
        if (frame.Header.StoredSize > 0 && PackContents.CheckOf(_file, start, frame.Header.StoredSize) != frame.Header.PayloadCheck)
            Fault(start, "a filler does not match its checksum");
        VerifyPadding(frame);
        _faults.Note(_path, frame.Offset, $"{frame.Header.Length} bytes were left by an interrupted writer");
    }

    void VerifyFrame(in FoundFrame frame)
    {
        var (offset, header) = frame;
        PosixFile.PreadFully(_file, _frame.AsSpan(0, (int)header.Length), offset);
        ReadRows(frame);
        var payload = _frame.AsSpan(header.HeaderSize, header.StoredSize);
        var raw = payload;
        if (Crc32C.Compute(payload) != header.PayloadCheck)
        {
            FrameFault(offset + header.HeaderSize, "a frame's payload does not match its checksum", header);
            return;
        }

        if (header.Codec == FrameCodec.Zstd)
        {
            raw = _raw.AsSpan(0, header.RawSize);
            if (_decompressor.Decompress(payload, raw) != header.RawSize)
            {
                FrameFault(offset + header.HeaderSize, "a frame can't be decompressed", header);
                return;
            }
        }

        _hasher.HashMany(raw, _chunks.AsSpan(0, header.Blocks), _names);
        for (var i = 0; i < header.Blocks; i++)
        {
            if (_names[i] == _expected[i])
                Sound(_expected[i]);
            else
                Fault(offset, $"block {i} of a frame hashes to {_names[i]}", [_expected[i]]);
        }

        VerifyPadding(frame);
    }

    void ReadRows(in FoundFrame frame)
    {
        var start = 0;
        Span<byte> entry = stackalloc byte[IndexEntry.Size];
        for (var i = 0; i < frame.Header.Blocks; i++)
        {
            var block = FrameBlock.Read(FrameHeader.Row(_frame, i), _config.Hash);
            _chunks[i] = new Chunk(start, block.Length);
            _expected[i] = block.Hash;
            start += block.Length;
            var place = BlockLocation.At(0, frame.Offset, (int)frame.Header.Length, i, BlockFlags.Of(block.Content, block.Length));
            new IndexEntry(BlockKey.Of(block.Hash), place).Write(entry);
            _foundSum += Mix64.Hash(entry);
        }

        _foundBlocks += frame.Header.Blocks;
    }

    void VerifyPadding(in FoundFrame frame)
    {
        var end = frame.Offset + frame.Header.Length;
        if (!IsZero(end, (int)(frame.Header.PaddedLength - frame.Header.Length)))
            Fault(end, "the padding after a frame is not zero");
    }

    /// <summary>The table of contents lists exactly the blocks that the frames have.</summary>
    void VerifyTotals(in PackTrailer trailer)
    {
        if (_contents is null)
            return;
        var sum = 0UL;
        Span<byte> bytes = stackalloc byte[IndexEntry.Size];
        for (long i = 0; i < _contents.Count; i++)
        {
            var entry = _contents.EntryAt(i);
            (entry with { Location = entry.Location with { Pack = 0 } }).Write(bytes);
            sum += Mix64.Hash(bytes);
        }

        if (_contents.Count != _foundBlocks || sum != _foundSum || trailer.Blocks != _foundBlocks)
            Fault(trailer.ContentsOffset, $"the table of contents lists {_contents.Count} blocks, not exactly the {_foundBlocks} that the frames have");
    }

    bool IsZero(long offset, int length)
    {
        Span<byte> bytes = stackalloc byte[PackContents.Alignment];
        return length <= 0 || (PosixFile.PreadUpTo(_file, bytes[..length], offset) == length && !bytes[..length].ContainsAnyExcept((byte)0));
    }

    void FrameFault(long offset, string what, in FrameHeader header)
    {
        if (_isOpen)
            _faults.Note(_path, offset, $"{what}: it is being written, or a writer was interrupted");
        else
            Fault(offset, what, Unreadable(header));
    }

    /// <summary>Of a damaged frame the blocks that really are lost: those before the damage can still be read.</summary>
    List<BlockHash> Unreadable(in FrameHeader header)
    {
        var payload = _frame.AsSpan(header.HeaderSize, header.StoredSize);
        var lost = new List<BlockHash>();
        for (var i = 0; i < header.Blocks; i++)
        {
            var end = _chunks[i].Offset + _chunks[i].Length;
            var raw = header.Codec == FrameCodec.Zstd ? _raw.AsSpan(0, end) : payload[..end];
            var isRead = header.Codec != FrameCodec.Zstd || _decompressor.DecompressPrefix(payload, raw) == end;
            if (isRead && _hasher.Hash(raw[_chunks[i].Offset..]) == _expected[i])
                Sound(_expected[i]);
            else
                lost.Add(_expected[i]);
        }

        return lost;
    }

    void Sound(in BlockHash hash)
    {
        SoundBlocks++;
        if (_contents is null)
            _sound.Add(hash);
    }

    void Fault(long offset, string what, IReadOnlyList<BlockHash>? affected = null)
    {
        _hasFault = true;
        _faults.Add(_path, offset, what, affected);
    }
}
