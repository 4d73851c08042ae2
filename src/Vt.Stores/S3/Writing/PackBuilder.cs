using Vt.Blocks.Hashing;
using Vt.Stores.DataDir.Index;
using Vt.Stores.DataDir.Packs;
using Crc32C = Vt.Blocks.Encoding.Crc32C;

namespace Vt.Stores.S3.Writing;

/// <summary>
/// A pack that is put together in memory: of the DataDir's format, byte for byte. Many threads write at once: each reserves a range under a short lock and fills it outside.
/// </summary>
/// <remarks>
/// States: open -> sealed (no more reservations) -> idle (all ranges are filled), when it is finished and uploaded -> gone (the buffer is given back). Readers copy frames out under the lock while it isn't gone.
/// </remarks>
sealed class PackBuilder : IDisposable
{
    /// <summary>The most blocks of a pack.</summary>
    public const int MostBlocks = PackWriter.MostBlocks;

    /// <summary>What a table of contents may need beside the frames, in bytes.</summary>
    public const int ContentsRoom = (MostBlocks * 64) + (64 << 10);

    readonly long _limit;
    readonly RunBuilder _contents;
    readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Guards all fields below, the contents, and the buffer against being given back.
    readonly Lock _rangesGate = new();
    byte[]? _buffer;
    int _length = PackHeader.Size;
    int _unfilled;
    bool _sealed;
    int _blocks;
    long _rawBytes;
    int _frames;

    /// <summary>Begins a pack.</summary>
    /// <param name="header">Its header.</param>
    /// <param name="slot">Its number.</param>
    /// <param name="buffer">Holds it, with <see cref="ContentsRoom"/> behind the frames.</param>
    /// <param name="limit">How large it grows.</param>
    public PackBuilder(PackHeader header, uint slot, byte[] buffer, long limit)
    {
        Header = header;
        Slot = slot;
        _buffer = buffer;
        _limit = limit;
        _contents = new RunBuilder(header.Hash, header.Id, header.Created);
        header.Write(buffer);
    }

    /// <summary>Its header.</summary>
    public PackHeader Header { get; }

    /// <summary>Its number in locations.</summary>
    public uint Slot { get; }

    /// <summary>Completes when the pack is sealed and every reserved range is filled.</summary>
    public Task WhenIdle => _idle.Task;

    /// <summary>Whether it has no blocks and nobody is writing some.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (_rangesGate)
                return _blocks == 0 && _unfilled == 0;
        }
    }

    /// <summary>Whether another pack's frames fit in too.</summary>
    public bool HasRoomFor(PackBuilder other)
    {
        lock (_rangesGate)
            return _length + (long)other._length <= _limit && _blocks + other._blocks <= MostBlocks;
    }

    /// <summary>Reserves a range at the end.</summary>
    /// <param name="length">Its bytes.</param>
    /// <param name="blocks">How many blocks it will have.</param>
    /// <param name="offset">Where it starts.</param>
    /// <returns>False where the pack is full or sealed.</returns>
    public bool TryReserve(int length, int blocks, out int offset)
    {
        lock (_rangesGate)
        {
            offset = _length;
            if (_sealed || (_length > PackHeader.Size && (_length + length > _limit || _blocks + blocks > MostBlocks)))
                return false;
            _length += length;
            _blocks += blocks;
            _unfilled++;
            return true;
        }
    }

    /// <summary>Fills a reserved range.</summary>
    public void Write(ReadOnlySpan<byte> bytes, int offset) => bytes.CopyTo(_buffer.AsSpan(offset));

    /// <summary>Adds a block to the table of contents. Between <see cref="Write"/> and <see cref="Filled"/>.</summary>
    public void Add(in BlockHash hash, in BlockLocation location)
    {
        lock (_rangesGate)
            _contents.Add(hash, location);
    }

    /// <summary>Says that a reserved range is filled and listed.</summary>
    /// <param name="frames">How many frames it has.</param>
    /// <param name="rawBytes">Their blocks' bytes.</param>
    public void Filled(int frames, long rawBytes)
    {
        bool isIdle;
        lock (_rangesGate)
        {
            _frames += frames;
            _rawBytes += rawBytes;
            isIdle = --_unfilled == 0 && _sealed;
        }

        if (isIdle)
            _idle.TrySetResult();
    }

    /// <summary>Takes no more reservations.</summary>
    public void Seal()
    {
        bool isIdle;
        lock (_rangesGate)
        {
            _sealed = true;
            isIdle = _unfilled == 0;
        }

        if (isIdle)
            _idle.TrySetResult();
    }

    /// <summary>Copies the frames of an idle pack behind this idle one's own, so that both are uploaded at once.</summary>
    /// <param name="other">The other pack.</param>
    /// <param name="moved">Told where each of its blocks lies now.</param>
    public void Take(PackBuilder other, Action<BlockHash, BlockLocation> moved)
    {
        lock (_rangesGate)
        {
            var from = other._buffer.AsSpan(0, other._length);
            for (var at = PackHeader.Size; at < from.Length;)
            {
                var header = FrameHeader.Read(from[at..], other.Header.FrameSeed, at);
                var padded = (int)header.PaddedLength;
                from.Slice(at, padded).CopyTo(_buffer.AsSpan(_length));
                FrameHeader.Seal(_buffer.AsSpan(_length, header.HeaderSize), Header.FrameSeed, _length);
                for (var ordinal = 0; ordinal < header.Blocks; ordinal++)
                {
                    var block = FrameBlock.Read(FrameHeader.Row(from[at..], ordinal), Header.Hash);
                    var location = BlockLocation.At(Slot, _length, (int)header.Length, ordinal, BlockFlags.Of(block.Content, block.Length));
                    _contents.Add(block.Hash, location);
                    moved(block.Hash, location);
                }

                _length += padded;
                at += padded;
            }

            _blocks += other._blocks;
            _frames += other._frames;
            _rawBytes += other._rawBytes;
        }
    }

    /// <summary>Writes the table of contents and the trailer of an idle pack.</summary>
    /// <param name="contents">Receives the table of contents.</param>
    /// <returns>The whole pack; valid until <see cref="GiveBack"/>.</returns>
    public ReadOnlyMemory<byte> Finish(out byte[] contents)
    {
        lock (_rangesGate)
        {
            contents = _contents.ToArray();
            var start = (_length + PackContents.Alignment - 1) / PackContents.Alignment * PackContents.Alignment;
            _buffer.AsSpan(_length, start - _length).Clear();
            contents.CopyTo(_buffer.AsSpan(start));
            var trailer = new PackTrailer(
                Header.Id, start, contents.Length, Crc32C.Compute(contents), _blocks, _rawBytes, _length - PackHeader.Size, _frames);
            trailer.Write(_buffer.AsSpan(start + contents.Length));
            return _buffer.AsMemory(0, start + contents.Length + PackTrailer.Size);
        }
    }

    /// <summary>Copies a frame out.</summary>
    /// <returns>False where the pack is gone from memory.</returns>
    public bool TryRead(in BlockLocation location, Span<byte> into)
    {
        lock (_rangesGate)
        {
            if (_buffer is null || location.Offset + into.Length > _length)
                return false;
            _buffer.AsSpan((int)location.Offset, into.Length).CopyTo(into);
            return true;
        }
    }

    /// <summary>Ends it: the buffer can be used for another.</summary>
    public byte[] GiveBack()
    {
        lock (_rangesGate)
        {
            var buffer = _buffer!;
            _buffer = null;
            return buffer;
        }
    }

    /// <summary>Gives back what the table of contents was made in.</summary>
    public void Dispose() => _contents.Dispose();
}
