using System.Buffers;
using System.Collections.Concurrent;
using Vt.Blocks.Contracts;
using Vt.Posix;
using Vt.Stores.DataDir.Index;
using Vt.Stores.DataDir.Packs;

namespace Vt.Stores.DataDir.Reading;

/// <summary>Makes blocks of a frame's bytes, wherever they were read from: the header's check, decompression. Thread-safe.</summary>
sealed class FrameDecoder : IDisposable
{
    static readonly int _mostKept = Environment.ProcessorCount * 2;

    readonly ConcurrentBag<ZstdDecompressor> _decompressors = [];

    /// <summary>Decodes a frame.</summary>
    /// <param name="bytes">The frame from its start, in an array of the shared pool, which is taken over.</param>
    /// <param name="got">How many bytes of it are there.</param>
    /// <param name="pack">The pack.</param>
    /// <param name="location">Where in it.</param>
    /// <param name="ordinal">The last block whose bytes are wanted; those after it may be left out.</param>
    /// <returns>The frame, acquired for the caller.</returns>
    /// <exception cref="FormatInvalidException">There is no sound frame. Offsets count from the frame's start.</exception>
    public CachedFrame Decode(byte[] bytes, int got, PackId pack, in BlockLocation location, int ordinal)
    {
        var rented = bytes;
        try
        {
            if (got < location.Length)
                throw new FormatInvalidException($"the pack ends {location.Length - got} bytes before the frame does");
            var header = FrameHeader.Read(bytes.AsSpan(0, got), PackHeader.SeedOf(pack), location.Offset);
            if (header.Length != location.Length || header.Codec == FrameCodec.Filler)
                throw new FormatInvalidException($"the frame has {header.Length} bytes and the index says {location.Length}");
            if (header.Codec == FrameCodec.Raw)
            {
                var frame = new CachedFrame(bytes, header.HeaderSize, header.RawSize, bytes, header.Blocks);
                rented = null;
                return frame;
            }

            return Decompress(bytes, header, ordinal);
        }
        finally
        {
            if (rented is not null)
                ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        while (_decompressors.TryTake(out var decompressor))
            decompressor.Dispose();
    }

    CachedFrame Decompress(byte[] bytes, in FrameHeader header, int ordinal)
    {
        var wanted = 0;
        for (var i = 0; i <= Math.Min(ordinal, header.Blocks - 1); i++)
            wanted += FrameBlock.LengthOf(FrameHeader.Row(bytes, i));
        var payload = bytes.AsSpan(header.HeaderSize, header.StoredSize);
        var raw = ArrayPool<byte>.Shared.Rent(Math.Max(1, header.RawSize));
        try
        {
            if (!_decompressors.TryTake(out var decompressor))
                decompressor = new ZstdDecompressor();
            var isWhole = wanted == header.RawSize;
            var got = isWhole
                ? decompressor.Decompress(payload, raw.AsSpan(0, header.RawSize))
                : decompressor.DecompressPrefix(payload, raw.AsSpan(0, wanted));
            if (_decompressors.Count < _mostKept)
                _decompressors.Add(decompressor);
            else
                decompressor.Dispose();
            if (got != wanted)
                throw new FormatInvalidException("the frame can't be decompressed", header.HeaderSize);
            var frame = new CachedFrame(raw, 0, wanted, bytes, header.Blocks);
            raw = null;
            return frame;
        }
        finally
        {
            if (raw is not null)
                ArrayPool<byte>.Shared.Return(raw);
        }
    }
}
