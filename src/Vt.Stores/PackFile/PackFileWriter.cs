using Vt.Blocks.Chunking;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores.DataDir.Adding;
using Vt.Stores.DataDir.Index;
using Vt.Stores.DataDir.Packs;
using Crc32C = Vt.Blocks.Encoding.Crc32C;

namespace Vt.Stores.PackFile;

/// <summary>
/// Writes blocks as one closed pack, from its first byte to its last, so that the pack may go into a pipe. Each frame is compressed where that pays, and what
/// was compressed is decompressed and compared before it is written. Not thread-safe.
/// </summary>
/// <remarks>Memory: some 4 MiB, and 100 bytes a block at the end, for the table of contents. The same blocks give the same bytes.</remarks>
/// <param name="algorithm">The algorithm of all digests.</param>
/// <param name="first">The block that will come first; it names the pack.</param>
/// <param name="output">Takes the bytes in their order; borrowed for the call.</param>
public sealed class PackFileWriter(HashAlgorithmId algorithm, BlockHash first, PackFileOutput output) : IDisposable
{
    const int Level = 3;

    // Of what leads to data little stands together, so that a reader of a file's beginning gets at it soon.
    const int TreeFrame = 64 << 10;

    readonly PackId _id = PackId.Read(first.Digest);
    readonly RunBuilder _contents = new(algorithm, PackId.Read(first.Digest), 0);
    readonly FrameEncoder _encoder = new(Level);
    readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(ChunkingParameters.LargestBlock);
    readonly List<BlockSlot> _slots = [];
    int _used;
    long _length;
    long _rawBytes;
    long _frames;

    /// <summary>How many blocks were added.</summary>
    public long Blocks => _contents.Count + _slots.Count;

    /// <summary>How many bytes they have.</summary>
    public long RawBytes => _rawBytes + _used;

    /// <summary>How many bytes were written.</summary>
    public long Length => _length;

    /// <summary>Adds a block.</summary>
    /// <param name="hash">Its name, which the caller vouches for. Each comes once.</param>
    /// <param name="bytes">Its bytes.</param>
    /// <param name="content">What it is for.</param>
    /// <exception cref="UserErrorException">The pack is as large as one may be.</exception>
    public void Add(in BlockHash hash, ReadOnlySpan<byte> bytes, BlockContent content)
    {
        if (_length == 0)
            Begin();
        if (_slots.Count > 0 && (_slots.Count == FrameHeader.MostBlocks || _used + bytes.Length > (content == BlockContent.Tree ? TreeFrame : FrameHeader.SharedSize)))
            EndFrame();
        bytes.CopyTo(_buffer.AsSpan(_used));
        _slots.Add(new BlockSlot(hash, _used, bytes.Length, content));
        _used += bytes.Length;
    }

    /// <summary>Keeps what comes from now on apart from what came before: either can be read without the other.</summary>
    /// <exception cref="UserErrorException">The pack is as large as one may be.</exception>
    public void EndFrame()
    {
        if (_slots.Count == 0)
            return;
        _encoder.Clear();
        var slots = _slots.ToArray();
        _encoder.Add(_buffer, slots, [.. Enumerable.Range(0, slots.Length)]);
        var frame = _encoder.Frames[0];
        if (_length + frame.PaddedLength >= BlockLocation.LargestPack)
            throw new UserErrorException($"this takes more than the {BlockLocation.LargestPack >> 30} GiB that a store file reaches; pack its parts into several");
        var bytes = _encoder.Seal(PackHeader.SeedOf(_id), _length);
        for (var i = 0; i < slots.Length; i++)
            _contents.Add(slots[i].Hash, BlockLocation.At(0, _length, frame.Length, i, BlockFlags.Of(slots[i].Content, slots[i].Length)));
        Write(bytes);
        _frames++;
        _rawBytes += _used;
        _used = 0;
        _slots.Clear();
    }

    /// <summary>Writes what is left, the table of contents and the trailer: the file ends here.</summary>
    public void Complete()
    {
        EndFrame();
        var framesEnd = _length;
        var start = (framesEnd + PackContents.Alignment - 1) / PackContents.Alignment * PackContents.Alignment;
        Write(new byte[(int)(start - framesEnd)]);
        var blocks = _contents.Count;
        var table = _contents.ToArray();
        Write(table);
        var trailer = new byte[PackTrailer.Size];
        new PackTrailer(_id, start, table.Length, Crc32C.Compute(table), blocks, _rawBytes, framesEnd - PackHeader.Size, _frames).Write(trailer);
        Write(trailer);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _encoder.Dispose();
        _contents.Dispose();
    }

    void Begin()
    {
        var header = new byte[PackHeader.Size];

        // No store's, so that any takes it among its packs; and no time, so that the same blocks give the same file.
        new PackHeader(_id, default, algorithm, BlockContent.Data, 0).Write(header);
        Write(header);
    }

    void Write(ReadOnlySpan<byte> bytes)
    {
        output(bytes);
        _length += bytes.Length;
    }
}
