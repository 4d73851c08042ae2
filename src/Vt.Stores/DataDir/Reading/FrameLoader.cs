using System.Buffers;
using System.Collections.Concurrent;
using Vt.Blocks.Contracts;
using Vt.Posix;
using Vt.Stores.DataDir.Index;
using Vt.Stores.DataDir.Packs;

namespace Vt.Stores.DataDir.Reading;

/// <summary>Reads frames from packs: one pread, the header's check, decompression. Thread-safe.</summary>
/// <param name="files">The packs.</param>
sealed class FrameLoader(PackFiles files) : IDisposable
{
    static readonly int _mostKept = Environment.ProcessorCount * 2;

    readonly ConcurrentBag<ZstdDecompressor> _decompressors = [];

    /// <summary>Reads a frame.</summary>
    /// <param name="pack">The pack.</param>
    /// <param name="location">Where in it.</param>
    /// <param name="ordinal">The last block whose bytes are wanted; those after it may be left out.</param>
    /// <returns>The frame, acquired for the caller.</returns>
    /// <exception cref="FormatInvalidException">The pack is missing, or there is no sound frame. The message names the pack.</exception>
    /// <exception cref="PosixException">The pack can't be read.</exception>
    public CachedFrame Load(PackId pack, in BlockLocation location, int ordinal)
    {
        using var handle = files.TryOpen(pack) ?? throw new FormatInvalidException("the pack is missing").In($"packs/{pack}{DataDirLayout.ClosedSuffix}");
        if (location.Length > FrameHeader.LongestHeader + FrameHeader.LongestPayload)
            throw new FormatInvalidException($"the index says that a frame has {location.Length} bytes").In(handle.Path, location.Offset);
        var bytes = ArrayPool<byte>.Shared.Rent((int)location.Length);
        try
        {
            var got = PosixFile.PreadUpTo(handle.File, bytes.AsSpan(0, (int)location.Length), location.Offset);
            if (got < location.Length)
                throw new FormatInvalidException($"the pack ends {location.Length - got} bytes before the frame does");
            var header = FrameHeader.Read(bytes.AsSpan(0, got), PackHeader.SeedOf(pack), location.Offset);
            if (header.Length != location.Length || header.Codec == FrameCodec.Filler)
                throw new FormatInvalidException($"the frame has {header.Length} bytes and the index says {location.Length}");
            if (header.Codec == FrameCodec.Raw)
            {
                var frame = new CachedFrame(bytes, header.HeaderSize, header.RawSize, bytes, header.Blocks);
                bytes = null;
                return frame;
            }

            return Decompress(bytes, header, ordinal);
        }
        catch (FormatInvalidException fault)
        {
            throw fault.In(handle.Path, location.Offset);
        }
        finally
        {
            if (bytes is not null)
                ArrayPool<byte>.Shared.Return(bytes);
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
