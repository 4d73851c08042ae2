namespace Vt.Blocks.Chunking.Scanners;

/// <summary>Which scanner suits a content: by its media type, else by its name, else by its first bytes.</summary>
public static class ScannerChoice
{
    /// <summary>As many first bytes as <see cref="Choose"/> has a use for.</summary>
    public const int HeadLength = 1024;

    const int RsyncSuffix = 6;

    static readonly ScannerKind[] Kinds =
    [
        new(new TarScanner(), ["tar"], ["application/x-tar"], 257, [[.. "ustar"u8]]),
        new(new MboxScanner(), ["mbox", "mbx"], ["application/mbox"], 0, [[.. "From "u8]]),
        new(
            new ZipScanner(), ["zip", "jar", "war", "apk", "docx", "xlsx", "pptx", "odt", "ods", "odp", "epub", "whl", "nupkg"],
            ["application/zip", "application/java-archive", "application/epub+zip"], 0, [[(byte)'P', (byte)'K', 3, 4]]),
        new(new Mp3Scanner(), ["mp3"], ["audio/mpeg"], 0, [[.. "ID3"u8], [0xff, 0xfb]]),
        new(
            new Mp4Scanner(), ["mp4", "m4a", "m4v", "mov", "3gp"], ["video/mp4", "audio/mp4", "video/quicktime"], 4, [[.. "ftyp"u8]]),
        new(
            new MatroskaScanner(), ["mkv", "mka", "webm"], ["video/x-matroska", "audio/x-matroska", "video/webm", "audio/webm"],
            0, [[0x1a, 0x45, 0xdf, 0xa3]]),
        new(new PdfScanner(), ["pdf"], ["application/pdf"], 0, [[.. "%PDF-"u8]]),
        new(new GzipScanner(), ["gz", "tgz", "bgz"], ["application/gzip", "application/x-gzip"], 0, [[0x1f, 0x8b, 8]]),
        new(new VtdScanner(), ["vtd"], [], 0, []),
        new(
            new SourceTextScanner(),
            [
                "c", "h", "cc", "cpp", "cxx", "hpp", "hh", "cs", "java", "kt", "scala", "go", "rs", "py", "rb", "js", "mjs", "ts",
                "tsx", "jsx", "php", "pl", "pm", "swift", "m", "mm", "hs", "ml", "ex", "erl", "clj", "lisp", "el", "lua", "sh", "sql",
            ],
            ["text/x-c", "text/x-csrc", "text/x-c++src", "text/x-chdr", "text/x-python", "text/x-java", "text/javascript"],
            0, [[.. "#!/"u8]]),
    ];

    /// <summary>Every scanner there is.</summary>
    public static IEnumerable<Scanner> All => Kinds.Select(kind => kind.Scanner);

    /// <summary>Chooses a scanner.</summary>
    /// <param name="name">The file's name without its path, or empty. rsync's temporary ".name.ext.XXXXXX" counts as "name.ext".</param>
    /// <param name="mimeType">The media type, as in the attribute user.mime_type, or empty. Parameters behind ";" are ignored.</param>
    /// <param name="head">The first bytes, <see cref="HeadLength"/> or what there is.</param>
    /// <returns>The scanner, or null if none suits. Scanners are stateless and shared.</returns>
    public static Scanner? Choose(ReadOnlySpan<byte> name, ReadOnlySpan<byte> mimeType, ReadOnlySpan<byte> head)
    {
        var semicolon = mimeType.IndexOf((byte)';');
        var type = (semicolon < 0 ? mimeType : mimeType[..semicolon]).Trim((byte)' ');
        foreach (var kind in Kinds)
        {
            if (kind.HasMimeType(type))
                return kind.Scanner;
        }

        var extension = ExtensionOf(name);
        foreach (var kind in Kinds)
        {
            if (kind.HasExtension(extension))
                return kind.Scanner;
        }

        foreach (var kind in Kinds)
        {
            if (kind.HasMagic(head))
                return kind.Scanner;
        }

        return null;
    }

    static ReadOnlySpan<byte> ExtensionOf(ReadOnlySpan<byte> name)
    {
        var dot = name.LastIndexOf((byte)'.');
        if (name.StartsWith("."u8) && dot > 1 && name.Length - dot - 1 == RsyncSuffix && name[1..dot].Contains((byte)'.'))
        {
            name = name[..dot];
            dot = name.LastIndexOf((byte)'.');
        }

        return dot < 0 ? [] : name[(dot + 1)..];
    }
}
