using System.Runtime.InteropServices;

namespace Vt.Posix;

/// <summary>The C functions of libzstd (zstd.h, stable part since 1.4).</summary>
static unsafe partial class Zstd
{
    public const string Library = "libzstd.so.1";
    public const int ZSTD_c_compressionLevel = 100;
    public const int ZSTD_c_contentSizeFlag = 200;
    public const int ZSTD_error_dstSize_tooSmall = 70;

    [StructLayout(LayoutKind.Sequential)]
    public struct Buffer
    {
        public byte* Data;
        public nuint Size;
        public nuint Position;
    }

    /// <summary>The error code of a result (zstd_errors.h); 0 where it is a length: errors are the highest numbers.</summary>
    public static int ErrorCode(nuint result) => ZSTD_isError(result) != 0 ? (int)-(nint)result : 0;

    /// <summary>Why a result is an error, in the library's words.</summary>
    public static string ErrorText(nuint result) => Marshal.PtrToStringUTF8(ZSTD_getErrorName(result)) ?? "unknown error";

    /// <summary>Makes a context, or says what to install.</summary>
    public static nint Create(bool compression)
    {
        try
        {
            var context = compression ? ZSTD_createCCtx() : ZSTD_createDCtx();
            return context != 0 ? context : throw new InsufficientMemoryException("zstd has no memory for a context");
        }
        catch (DllNotFoundException e)
        {
            throw new DllNotFoundException($"{Library} is missing: apt-get install libzstd1", e);
        }
    }

    [LibraryImport(Library)]
    public static partial nint ZSTD_createCCtx();

    [LibraryImport(Library)]
    public static partial nuint ZSTD_freeCCtx(nint context);

    [LibraryImport(Library)]
    public static partial nuint ZSTD_CCtx_setParameter(nint context, int parameter, int value);

    [LibraryImport(Library)]
    public static partial nuint ZSTD_compress2(nint context, byte* target, nuint targetSize, byte* source, nuint sourceSize);

    [LibraryImport(Library)]
    public static partial nint ZSTD_createDCtx();

    [LibraryImport(Library)]
    public static partial nuint ZSTD_freeDCtx(nint context);

    [LibraryImport(Library)]
    public static partial nuint ZSTD_decompressDCtx(nint context, byte* target, nuint targetSize, byte* source, nuint sourceSize);

    [LibraryImport(Library)]
    public static partial nuint ZSTD_decompressStream(nint context, Buffer* target, Buffer* source);

    [LibraryImport(Library)]
    public static partial nuint ZSTD_DCtx_reset(nint context, int directive);

    [LibraryImport(Library)]
    public static partial uint ZSTD_isError(nuint result);

    [LibraryImport(Library)]
    private static partial nint ZSTD_getErrorName(nuint result);
}
