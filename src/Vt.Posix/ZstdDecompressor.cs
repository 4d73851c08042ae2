using System.Runtime.InteropServices;

namespace Vt.Posix;

/// <summary>Decompresses zstd frames, whatever bytes they are given. One thread at a time; keep it.</summary>
public sealed unsafe class ZstdDecompressor : SafeHandle
{
    const int ZSTD_reset_session_only = 1;

    /// <summary>Makes a decompressor.</summary>
    /// <exception cref="DllNotFoundException">libzstd is not installed.</exception>
    public ZstdDecompressor()
        : base(0, ownsHandle: true) => SetHandle(Zstd.Create(compression: false));

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>Decompresses one whole frame.</summary>
    /// <param name="source">The frame.</param>
    /// <param name="target">Receives the content.</param>
    /// <returns>The content's length; -1 where the frame is damaged or its content doesn't fit.</returns>
    public int Decompress(ReadOnlySpan<byte> source, Span<byte> target)
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        fixed (byte* from = source)
        fixed (byte* to = target)
        {
            var result = Zstd.ZSTD_decompressDCtx(handle, to, (nuint)target.Length, from, (nuint)source.Length);
            GC.KeepAlive(this);
            return Zstd.ErrorCode(result) == 0 ? (int)result : -1;
        }
    }

    /// <summary>Decompresses a frame only as far as the target goes: the content's first bytes without the cost of the rest.</summary>
    /// <param name="source">The frame.</param>
    /// <param name="target">Receives the content's first bytes.</param>
    /// <returns>How many came: all of the target, or the content's length where that is less; -1 where the frame is damaged.</returns>
    public int DecompressPrefix(ReadOnlySpan<byte> source, Span<byte> target)
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        fixed (byte* from = source)
        fixed (byte* to = target)
        {
            _ = Zstd.ZSTD_DCtx_reset(handle, ZSTD_reset_session_only);
            var input = new Zstd.Buffer { Data = from, Size = (nuint)source.Length };
            var output = new Zstd.Buffer { Data = to, Size = (nuint)target.Length };
            while (output.Position < output.Size)
            {
                var before = (input.Position, output.Position);
                var result = Zstd.ZSTD_decompressStream(handle, &output, &input);
                if (Zstd.ErrorCode(result) != 0)
                    return -1;
                if (result == 0)
                    break;
                if ((input.Position, output.Position) == before)
                    return -1;
            }

            GC.KeepAlive(this);
            return (int)output.Position;
        }
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Zstd.ErrorCode(Zstd.ZSTD_freeDCtx(handle)) == 0;
}
