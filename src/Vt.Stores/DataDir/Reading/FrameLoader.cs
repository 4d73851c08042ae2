using System.Buffers;
using Vt.Blocks.Contracts;
using Vt.Posix;
using Vt.Stores.DataDir.Index;
using Vt.Stores.DataDir.Packs;

namespace Vt.Stores.DataDir.Reading;

/// <summary>Reads frames from packs: one pread, the header's check, decompression. Thread-safe.</summary>
/// <param name="open">Opens a pack; null where there is none. The loader disposes the handle.</param>
sealed class FrameLoader(Func<PackId, PackHandle?> open) : IDisposable
{
    readonly FrameDecoder _decoder = new();

    /// <summary>Reads from a store's packs.</summary>
    public FrameLoader(PackFiles files)
        : this(files.TryOpen)
    {
    }

    /// <summary>Reads a frame.</summary>
    /// <param name="pack">The pack.</param>
    /// <param name="location">Where in it.</param>
    /// <param name="ordinal">The last block whose bytes are wanted; those after it may be left out.</param>
    /// <returns>The frame, acquired for the caller.</returns>
    /// <exception cref="FormatInvalidException">The pack is missing, or there is no sound frame. The message names the pack.</exception>
    /// <exception cref="PosixException">The pack can't be read.</exception>
    public CachedFrame Load(PackId pack, in BlockLocation location, int ordinal)
    {
        using var handle = open(pack) ?? throw new FormatInvalidException("the pack is missing").In($"packs/{pack}{DataDirLayout.ClosedSuffix}");
        if (location.Length > FrameHeader.LongestHeader + FrameHeader.LongestPayload)
            throw new FormatInvalidException($"the index says that a frame has {location.Length} bytes").In(handle.Path, location.Offset);
        var bytes = ArrayPool<byte>.Shared.Rent((int)location.Length);
        try
        {
            var got = PosixFile.PreadUpTo(handle.File, bytes.AsSpan(0, (int)location.Length), location.Offset);
            var rented = bytes;
            bytes = null;
            return _decoder.Decode(rented, got, pack, location, ordinal);
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
    public void Dispose() => _decoder.Dispose();
}
