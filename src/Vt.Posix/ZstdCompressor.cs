using System.Runtime.InteropServices;

namespace Vt.Posix;

/// <summary>Compresses with zstd. One thread at a time; keep it, its tables cost more than a small block.</summary>
public sealed unsafe class ZstdCompressor : SafeHandle
{
    /// <summary>Makes a compressor.</summary>
    /// <param name="level">1 (fast) to 19 (small); negative levels are faster still.</param>
    /// <exception cref="DllNotFoundException">libzstd is not installed.</exception>
    public ZstdCompressor(int level = 1)
        : base(0, ownsHandle: true)
    {
        SetHandle(Zstd.Create(compression: true));
        var result = Zstd.ZSTD_CCtx_setParameter(handle, Zstd.ZSTD_c_compressionLevel, level);
        if (Zstd.ErrorCode(result) != 0)
            throw new ArgumentOutOfRangeException(nameof(level), $"zstd level {level}: {Zstd.ErrorText(result)}");
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>The most that a source of this length may become, in bytes (ZSTD_COMPRESSBOUND).</summary>
    public static int Bound(int length) =>
        checked(length + (length >> 8) + (length < 128 * 1024 ? ((128 * 1024) - length) >> 11 : 0));

    /// <summary>Makes one frame, with its content's length inside.</summary>
    /// <param name="source">The bytes.</param>
    /// <param name="target">Receives the frame; <see cref="Bound"/> is always enough.</param>
    /// <returns>The frame's length; 0 where it doesn't fit, which is how to ask only for what pays.</returns>
    public int Compress(ReadOnlySpan<byte> source, Span<byte> target)
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        fixed (byte* from = source)
        fixed (byte* to = target)
        {
            var result = Zstd.ZSTD_compress2(handle, to, (nuint)target.Length, from, (nuint)source.Length);
            GC.KeepAlive(this);
            return Zstd.ErrorCode(result) switch
            {
                0 => (int)result,
                Zstd.ZSTD_error_dstSize_tooSmall => 0,
                _ => throw new InvalidOperationException($"zstd can't compress {source.Length} bytes: {Zstd.ErrorText(result)}"),
            };
        }
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Zstd.ErrorCode(Zstd.ZSTD_freeCCtx(handle)) == 0;
}
