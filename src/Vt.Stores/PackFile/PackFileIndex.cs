using System.Buffers;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Posix;
using Vt.Stores.DataDir.Index;
using Vt.Stores.DataDir.Packs;
using Vt.Stores.DataDir.Reading;

namespace Vt.Stores.PackFile;

/// <summary>
/// Where the blocks of one pack file lie: what its table of contents says, or what a scan of the frames finds where the file ends early or the table is
/// damaged. Thread-safe.
/// </summary>
sealed class PackFileIndex : IDisposable
{
    static readonly int[] _onePack = [0];

    readonly Run _run;

    PackFileIndex(PackHeader header, Run run, string? damage)
    {
        Header = header;
        _run = run;
        Damage = damage;
    }

    /// <summary>The pack's header.</summary>
    public PackHeader Header { get; }

    /// <summary>What is wrong with the file, as far as opening it told; null where nothing is.</summary>
    public string? Damage { get; }

    /// <summary>How many blocks there are.</summary>
    public long Count => _run.Count;

    /// <summary>Opens a file's index.</summary>
    /// <param name="file">The file; stays the caller's.</param>
    /// <param name="path">Its path, for messages.</param>
    /// <param name="cancellationToken">Stops a scan.</param>
    /// <exception cref="FormatInvalidException">It is no pack.</exception>
    /// <exception cref="PosixException">It can't be read.</exception>
    public static PackFileIndex Open(FileDescriptor file, string path, CancellationToken cancellationToken)
    {
        var header = ReadHeader(file, path);
        var length = PosixFile.Fstat(file).Size;
        FormatInvalidException why;
        try
        {
            var trailer = PackTrailer.Read(file, length);
            if (trailer.Id != header.Id)
                throw new FormatInvalidException("the trailer is another pack's", length - PackTrailer.Size);
            if (PackContents.CheckOf(file, trailer.ContentsOffset, trailer.ContentsLength) != trailer.ContentsCheck)
                throw new FormatInvalidException("the table of contents does not match its checksum", trailer.ContentsOffset);
            return new PackFileIndex(header, Run.Open(new RunPlace(path, trailer.ContentsOffset, trailer.ContentsLength), header.Hash, isPackRun: true), null);
        }
        catch (FormatInvalidException fault)
        {
            why = fault;
        }

        return Scan(file, path, header, length, why, cancellationToken);
    }

    /// <summary>The blocks of the pack in the order in which they stand, each checked against its name.</summary>
    /// <exception cref="FormatInvalidException">The next one is damaged.</exception>
    public static IEnumerable<byte[]> ReadFirst(FileDescriptor file, string path)
    {
        var header = ReadHeader(file, path);
        using var decoder = new FrameDecoder();
        using var scanner = new PackScanner(file, header.FrameSeed, PackHeader.Size, PosixFile.Fstat(file).Size, checkPayloads: true);
        while (scanner.MoveNext())
        {
            if (scanner.Skipped > 0)
                throw new FormatInvalidException("the first frames are damaged", scanner.Frame.Offset - scanner.Skipped);
            if (scanner.Frame.Header.Codec == FrameCodec.Filler)
                continue;
            foreach (var block in BlocksOf(scanner, header, decoder))
                yield return block;
        }
    }

    /// <summary>Finds blocks.</summary>
    /// <param name="hashes">The names.</param>
    /// <param name="locations">Receives a place for each; none where the pack has not got it.</param>
    public void Find(ReadOnlySpan<BlockHash> hashes, Span<BlockLocation> locations)
    {
        locations[..hashes.Length].Clear();
        Span<BlockKey> keys = stackalloc BlockKey[Run.Batch];
        Span<int> pending = stackalloc int[Run.Batch];
        for (var start = 0; start < hashes.Length; start += Run.Batch)
        {
            var part = hashes[start..Math.Min(hashes.Length, start + Run.Batch)];
            var count = 0;
            for (var i = 0; i < part.Length; i++)
            {
                keys[i] = part[i].Algorithm == Header.Hash ? BlockKey.Of(part[i]) : default;
                if (part[i].Algorithm == Header.Hash)
                    pending[count++] = i;
            }

            _run.Find(keys[..part.Length], pending[..count], _onePack, locations.Slice(start, part.Length));
        }
    }

    /// <summary>The names of all blocks in ascending order.</summary>
    public IEnumerable<BlockHash> Enumerate()
    {
        BlockKey? before = null;
        for (var i = 0L; i < _run.Count; i++)
        {
            var key = _run.EntryAt(i).Key;
            if (key == before)
                continue;
            before = key;
            yield return key.ToHash(Header.Hash);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _run.Release();

    static PackHeader ReadHeader(FileDescriptor file, string path)
    {
        var bytes = new byte[PackHeader.Size];
        try
        {
            return PackHeader.Read(bytes.AsSpan(0, PosixFile.PreadUpTo(file, bytes, 0)));
        }
        catch (FormatInvalidException fault)
        {
            throw fault.In(path);
        }
    }

    static PackFileIndex Scan(FileDescriptor file, string path, PackHeader header, long length, FormatInvalidException why, CancellationToken cancellationToken)
    {
        using var found = new RunBuilder(header.Hash, header.Id, 0);
        using var scanner = new PackScanner(file, header.FrameSeed, PackHeader.Size, length, checkPayloads: false);
        var end = (long)PackHeader.Size;
        while (scanner.MoveNext(cancellationToken))
        {
            PackBlocks.ForEach(scanner, header.Hash, 0, found, static (found, hash, location) => found.Add(hash, location));
            end = scanner.Position;
        }

        return new PackFileIndex(header, Run.Open(found.ToArray(), header.Hash, path), $"{why.What}; what stands before byte {end} of {length} can be read");
    }

    static List<byte[]> BlocksOf(PackScanner scanner, in PackHeader header, FrameDecoder decoder)
    {
        var (offset, frame) = scanner.Frame;
        var bytes = ArrayPool<byte>.Shared.Rent((int)frame.Length);
        scanner.Header.CopyTo(bytes);
        scanner.Payload.CopyTo(bytes.AsSpan(frame.HeaderSize));
        var rows = scanner.Header.ToArray();
        var decoded = decoder.Decode(bytes, (int)frame.Length, header.Id, BlockLocation.At(0, offset, (int)frame.Length), int.MaxValue);
        try
        {
            var blocks = new List<byte[]>(frame.Blocks);
            for (var i = 0; i < frame.Blocks; i++)
            {
                var block = decoded.Memory(i).ToArray();
                if (HashAlgorithms.GetHasher(header.Hash).Hash(block) != FrameBlock.Read(FrameHeader.Row(rows, i), header.Hash).Hash)
                    throw new FormatInvalidException("a block of the first frames is not what its name says", offset);
                blocks.Add(block);
            }

            return blocks;
        }
        finally
        {
            decoded.Release();
        }
    }
}
