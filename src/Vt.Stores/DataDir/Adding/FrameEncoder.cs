using Vt.Blocks.Contracts;
using Vt.Posix;
using Vt.Stores.DataDir.Packs;
using Crc32C = Vt.Blocks.Encoding.Crc32C;

namespace Vt.Stores.DataDir.Adding;

/// <summary>
/// Builds frames in a buffer. Each compressed payload is decompressed and compared before it is taken, so that a fault in the compressor
/// or in memory costs room and no data. One per worker; not thread-safe. Nothing is allocated once it is warm.
/// </summary>
/// <param name="level">The zstd level.</param>
sealed class FrameEncoder(int level) : IDisposable
{
    /// <summary>From how many encoded bytes on they should be written out.</summary>
    public const int FullAt = 1 << 20;

    // Compression has to save a twentieth to be taken: below that, reading faster is worth more.
    const int SavingDivisor = 20;

    readonly ZstdCompressor _compressor = new(level);
    readonly ZstdDecompressor _decompressor = new();
    readonly byte[] _output = GC.AllocateUninitializedArray<byte>(
        FullAt + FrameHeader.LongestHeader + ZstdCompressor.Bound(FrameHeader.LongestPayload) + FrameHeader.Alignment);

    readonly byte[] _gathered = GC.AllocateUninitializedArray<byte>(FrameHeader.LongestPayload);
    readonly byte[] _compared = GC.AllocateUninitializedArray<byte>(FrameHeader.LongestPayload);
    readonly List<EncodedFrame> _frames = [];
    readonly List<int> _blocks = [];
    int _length;
    long _mismatches;

    /// <summary>What was encoded since <see cref="Clear"/>, in bytes.</summary>
    public int Length => _length;

    /// <summary>Whether it is time to write.</summary>
    public bool IsFull => _length >= FullAt;

    /// <summary>The frames since <see cref="Clear"/>.</summary>
    public List<EncodedFrame> Frames => _frames;

    /// <summary>Indexes into the batch's slots, frame after frame.</summary>
    public List<int> Blocks => _blocks;

    /// <summary>Forgets what was encoded.</summary>
    public void Clear()
    {
        _length = 0;
        _frames.Clear();
        _blocks.Clear();
    }

    /// <summary>Encodes one frame.</summary>
    /// <param name="buffer">The batch's bytes.</param>
    /// <param name="slots">The batch's blocks.</param>
    /// <param name="chosen">Which of them the frame holds; within the limits of <see cref="FrameHeader"/>.</param>
    public void Add(ReadOnlySpan<byte> buffer, ReadOnlySpan<BlockSlot> slots, ReadOnlySpan<int> chosen)
    {
        var start = _length;
        var headerSize = FrameHeader.FixedSize + (chosen.Length * FrameBlock.Size);
        var raw = Gather(buffer, slots, chosen);
        var stored = Compress(raw, _output.AsSpan(start + headerSize, ZstdCompressor.Bound(raw.Length)), out var codec);
        var payload = _output.AsSpan(start + headerSize, stored);
        var header = new FrameHeader(codec, chosen.Length, raw.Length, stored, Crc32C.Compute(payload));
        header.Write(_output.AsSpan(start));
        var first = _blocks.Count;
        for (var i = 0; i < chosen.Length; i++)
        {
            ref readonly var slot = ref slots[chosen[i]];
            FrameBlock.Write(_output.AsSpan(start + FrameHeader.FixedSize + (i * FrameBlock.Size)), slot.Hash, slot.Length, slot.Content);
            _blocks.Add(chosen[i]);
        }

        var padded = (int)header.PaddedLength;
        _output.AsSpan(start + (int)header.Length, padded - (int)header.Length).Clear();
        _frames.Add(new EncodedFrame(start, headerSize, (int)header.Length, padded, first, chosen.Length, raw.Length));
        _length = start + padded;
    }

    /// <summary>Binds the frames to their place.</summary>
    /// <param name="seed">The pack's <see cref="PackHeader.FrameSeed"/>.</param>
    /// <param name="offset">Where in the pack the first frame will start.</param>
    /// <returns>The bytes to write there; valid until the next call.</returns>
    public ReadOnlySpan<byte> Seal(uint seed, long offset)
    {
        foreach (var frame in _frames)
            FrameHeader.Seal(_output.AsSpan(frame.Start, frame.HeaderSize), seed, offset + frame.Start);
        return _output.AsSpan(0, _length);
    }

    /// <summary>How many payloads did not decompress to what they were made of since the last call.</summary>
    public long TakeMismatches()
    {
        var mismatches = _mismatches;
        _mismatches = 0;
        return mismatches;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _compressor.Dispose();
        _decompressor.Dispose();
    }

    /// <summary>The blocks' bytes one after the other: in place where they lie so already.</summary>
    ReadOnlySpan<byte> Gather(ReadOnlySpan<byte> buffer, ReadOnlySpan<BlockSlot> slots, ReadOnlySpan<int> chosen)
    {
        var length = 0;
        var inPlace = true;
        ref readonly var first = ref slots[chosen[0]];
        foreach (var index in chosen)
        {
            inPlace &= slots[index].Offset == first.Offset + length;
            length += slots[index].Length;
        }

        if (inPlace)
            return buffer.Slice(first.Offset, length);
        length = 0;
        foreach (var index in chosen)
        {
            buffer.Slice(slots[index].Offset, slots[index].Length).CopyTo(_gathered.AsSpan(length));
            length += slots[index].Length;
        }

        return _gathered.AsSpan(0, length);
    }

    int Compress(ReadOnlySpan<byte> raw, Span<byte> room, out FrameCodec codec)
    {
        codec = FrameCodec.Raw;
        if (!raw.IsEmpty && !IncompressibleProbe.IsIncompressible(raw))
        {
            // The compressor gives up, with 0, where the result would be longer than is worth keeping.
            var stored = _compressor.Compress(raw, room[..Math.Max(0, raw.Length - (raw.Length / SavingDivisor) - 1)]);
            if (stored > 0)
            {
                if (Matches(room[..stored], raw))
                {
                    codec = FrameCodec.Zstd;
                    return stored;
                }

                _mismatches++;
            }
        }

        raw.CopyTo(room);
        return raw.Length;
    }

    bool Matches(ReadOnlySpan<byte> stored, ReadOnlySpan<byte> raw) =>
        _decompressor.Decompress(stored, _compared.AsSpan(0, raw.Length)) == raw.Length && raw.SequenceEqual(_compared.AsSpan(0, raw.Length));
}
