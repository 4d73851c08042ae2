using System.Buffers;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Posix;
using Vt.Stores.DataDir.Index;
using Vt.Stores.DataDir.Packs;
using Crc32C = Vt.Blocks.Encoding.Crc32C;

namespace Vt.Stores.DataDir.Archiving;

/// <summary>
/// Some blocks as a closed pack, <c>*.vtd</c>, that is never made: its length is known before, and any part of it can be read at any time. A function of the
/// blocks, byte for byte. It names no store, so any DataDir with the same hash algorithm takes it among its packs.
/// </summary>
/// <remarks>
/// Frames are not compressed, since their lengths would be known only afterwards; what stores or sends the file can do that better over all of it.
/// Memory: 40 bytes a block, and its table of contents, some 50 bytes a block. Frames are checked as they are read: each has the checksum of its payload.
/// </remarks>
public sealed class PackArchive : IVirtualContent
{
    /// <summary>How many blocks a pack may have here, so that what is kept of them is bounded.</summary>
    public const int MostBlocks = 2_000_000;

    readonly IBlockStore _store;
    readonly IReadOnlyList<PackedBlock> _blocks;
    readonly List<(long Offset, int First, int RawSize)> _frames = [];
    readonly byte[] _header = new byte[PackHeader.Size];
    readonly PackId _id;
    byte[] _tail = [];
    long _framesEnd;

    PackArchive(IBlockStore store, IReadOnlyList<PackedBlock> blocks, PackId id)
    {
        _store = store;
        _blocks = blocks;
        _id = id;
    }

    /// <inheritdoc/>
    public long Length => _framesEnd + _tail.Length;

    /// <summary>The name that the file must have among a DataDir's packs.</summary>
    public string FileName => $"{_id}{DataDirLayout.ClosedSuffix}";

    /// <summary>Lays a pack out.</summary>
    /// <param name="store">Has the blocks; not disposed.</param>
    /// <param name="blocks">The blocks, each once and 1 at least; the pack is named by the first one.</param>
    /// <exception cref="UserErrorException">They don't fit into a pack.</exception>
    public static PackArchive Create(IBlockStore store, IReadOnlyList<PackedBlock> blocks)
    {
        ArgumentOutOfRangeException.ThrowIfZero(blocks.Count);
        var archive = new PackArchive(store, blocks, PackId.Read(blocks[0].Hash.Digest));
        var header = new PackHeader(archive._id, default, store.Hasher.Algorithm, BlockContent.Data, 0);
        header.Write(archive._header);
        using var contents = new RunBuilder(header.Hash, archive._id, 0);
        archive.LayOut(contents);
        archive._tail = archive.MakeTail(contents);
        return archive;
    }

    /// <summary>The first block of a pack of this kind: what leads to all others.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FormatInvalidException">It is no pack, or its beginning is damaged or compressed.</exception>
    /// <exception cref="PosixException">It can't be read.</exception>
    public static byte[] ReadFirstBlock(string path)
    {
        using var file = PosixFile.Open(path, OpenFlags.O_RDONLY);
        var bytes = new byte[PackHeader.Size];
        var header = PackHeader.Read(bytes.AsSpan(0, PosixFile.PreadUpTo(file, bytes, 0)));
        using var scanner = new PackScanner(file, header.FrameSeed, PackHeader.Size, PosixFile.Fstat(file).Size, checkPayloads: true);
        if (!scanner.MoveNext() || scanner.Skipped > 0 || scanner.Frame.Header.Codec != FrameCodec.Raw)
            throw new FormatInvalidException($"{path} is not a folder's store file");
        var first = FrameBlock.Read(FrameHeader.Row(scanner.Header, 0), header.Hash);
        var block = scanner.Payload[..first.Length].ToArray();
        return HashAlgorithms.GetHasher(header.Hash).Hash(block) == first.Hash ? block : throw new FormatInvalidException($"the first block of {path} is damaged", scanner.Frame.Offset);
    }

    /// <inheritdoc/>
    public async ValueTask<int> ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        var wanted = (int)Math.Min(destination.Length, Math.Max(0, Length - offset));
        for (var done = 0; done < wanted;)
            done += await ReadPartAsync(offset + done, destination[done..wanted], cancellationToken);
        return wanted;
    }

    async ValueTask<int> ReadPartAsync(long at, Memory<byte> destination, CancellationToken cancellationToken)
    {
        if (at < PackHeader.Size)
            return Copy(_header, at, destination.Span);
        if (at >= _framesEnd)
            return Copy(_tail, at - _framesEnd, destination.Span);
        var frame = FrameAt(at);
        var header = HeaderOf(frame, 0);
        var buffer = ArrayPool<byte>.Shared.Rent((int)header.PaddedLength);
        try
        {
            await MakeFrameAsync(frame, buffer.AsMemory(0, (int)header.PaddedLength), cancellationToken);
            return Copy(buffer.AsSpan(0, (int)header.PaddedLength), at - _frames[frame].Offset, destination.Span);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    async ValueTask MakeFrameAsync(int frame, Memory<byte> bytes, CancellationToken cancellationToken)
    {
        var (offset, first, _) = _frames[frame];
        var count = CountOf(frame);
        var hashes = new BlockHash[count];
        for (var i = 0; i < count; i++)
            hashes[i] = _blocks[first + i].Hash;
        var leases = new BlockLease[count];
        await _store.GetManyAsync(hashes, leases, cancellationToken);
        try
        {
            Fill(frame, offset, leases, bytes.Span);
        }
        finally
        {
            foreach (var lease in leases)
                lease.Dispose();
        }
    }

    void Fill(int frame, long offset, BlockLease[] leases, Span<byte> bytes)
    {
        bytes.Clear();
        var first = _frames[frame].First;
        var headerSize = FrameHeader.FixedSize + (leases.Length * FrameBlock.Size);
        var at = headerSize;
        for (var i = 0; i < leases.Length; i++)
        {
            var block = _blocks[first + i];
            if (!leases[i].IsPresent)
                throw new BlockMissingException(block.Hash, _store.Description);
            if (leases[i].Memory.Length != block.Length)
                throw new BlockCorruptException(block.Hash, _store.Description, $"the block has {leases[i].Memory.Length} bytes, not {block.Length}");
            leases[i].Span.CopyTo(bytes[at..]);
            at += block.Length;
            FrameBlock.Write(bytes[(FrameHeader.FixedSize + (i * FrameBlock.Size))..], block.Hash, block.Length, block.Content);
        }

        HeaderOf(frame, Crc32C.Compute(bytes[headerSize..at])).Write(bytes);
        FrameHeader.Seal(bytes[..headerSize], PackHeader.SeedOf(_id), offset);
    }

    // As many neighbours in a frame as the packs of a DataDir have.
    void LayOut(RunBuilder contents)
    {
        var offset = (long)PackHeader.Size;
        for (var first = 0; first < _blocks.Count;)
        {
            var (end, raw) = (first + 1, _blocks[first].Length);
            for (; end < _blocks.Count && end - first < FrameHeader.MostBlocks && raw + _blocks[end].Length <= FrameHeader.SharedSize; end++)
                raw += _blocks[end].Length;
            var header = new FrameHeader(FrameCodec.Raw, end - first, raw, raw, 0);
            if (offset + header.PaddedLength >= BlockLocation.LargestPack)
                throw new UserErrorException($"the folder takes more than the {BlockLocation.LargestPack >> 30} GiB that a store file reaches; archive what is in it");
            _frames.Add((offset, first, raw));
            for (var i = first; i < end; i++)
            {
                var block = _blocks[i];
                contents.Add(block.Hash, BlockLocation.At(0, offset, (int)header.Length, i - first, BlockFlags.Of(block.Content, block.Length)));
            }

            offset += header.PaddedLength;
            first = end;
        }

        _framesEnd = offset;
    }

    byte[] MakeTail(RunBuilder contents)
    {
        var start = (_framesEnd + PackContents.Alignment - 1) / PackContents.Alignment * PackContents.Alignment;
        var table = contents.ToArray();
        var tail = new byte[(int)(start - _framesEnd) + table.Length + PackTrailer.Size];
        table.CopyTo(tail, (int)(start - _framesEnd));
        var raw = 0L;
        foreach (var frame in _frames)
            raw += frame.RawSize;
        new PackTrailer(_id, start, table.Length, Crc32C.Compute(table), _blocks.Count, raw, _framesEnd - PackHeader.Size, _frames.Count).Write(tail.AsSpan(tail.Length - PackTrailer.Size));
        return tail;
    }

    FrameHeader HeaderOf(int frame, uint check) => new(FrameCodec.Raw, CountOf(frame), _frames[frame].RawSize, _frames[frame].RawSize, check);

    int CountOf(int frame) => (frame + 1 < _frames.Count ? _frames[frame + 1].First : _blocks.Count) - _frames[frame].First;

    int FrameAt(long offset)
    {
        var (low, high) = (0, _frames.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) >>> 1;
            if (_frames[middle].Offset <= offset)
                low = middle;
            else
                high = middle - 1;
        }

        return low;
    }

    static int Copy(ReadOnlySpan<byte> from, long at, Span<byte> destination)
    {
        var count = (int)Math.Min(destination.Length, from.Length - at);
        from.Slice((int)at, count).CopyTo(destination);
        return count;
    }
}
