using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Vt.Hosts.HttpServer;

/// <summary>What kind of content a file has: what its attribute user.mime_type says, else what its name's end does, else what its first bytes look like.</summary>
static class MediaTypes
{
    /// <summary>The attribute that says it.</summary>
    public static readonly byte[] Attribute = [.. "user.mime_type"u8];

    /// <summary>As many first bytes as <see cref="OfContent"/> has a use for.</summary>
    public const int HeadLength = 512;

    /// <summary>The type of content of which nothing is known.</summary>
    public const string Unknown = "application/octet-stream";

    const string Text = "text/plain; charset=utf-8";
    const int LongestType = 200;

    static readonly SearchValues<char> _allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$&-^_.+/;=\" ");

    static readonly Dictionary<string, string> _byExtension = new(StringComparer.OrdinalIgnoreCase)
    {
        ["7z"] = "application/x-7z-compressed",
        ["aac"] = "audio/aac",
        ["apk"] = "application/vnd.android.package-archive",
        ["avif"] = "image/avif",
        ["bmp"] = "image/bmp",
        ["bz2"] = "application/x-bzip2",
        ["c"] = Text,
        ["cc"] = Text,
        ["cfg"] = Text,
        ["conf"] = Text,
        ["cpp"] = Text,
        ["cs"] = Text,
        ["css"] = "text/css; charset=utf-8",
        ["csv"] = "text/csv; charset=utf-8",
        ["deb"] = "application/vnd.debian.binary-package",
        ["doc"] = "application/msword",
        ["docx"] = "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ["eml"] = "message/rfc822",
        ["epub"] = "application/epub+zip",
        ["flac"] = "audio/flac",
        ["gif"] = "image/gif",
        ["go"] = Text,
        ["gz"] = "application/gzip",
        ["h"] = Text,
        ["heic"] = "image/heic",
        ["htm"] = "text/html; charset=utf-8",
        ["html"] = "text/html; charset=utf-8",
        ["ico"] = "image/vnd.microsoft.icon",
        ["ics"] = "text/calendar; charset=utf-8",
        ["ini"] = Text,
        ["iso"] = "application/x-iso9660-image",
        ["jar"] = "application/java-archive",
        ["java"] = Text,
        ["jpeg"] = "image/jpeg",
        ["jpg"] = "image/jpeg",
        ["js"] = "text/javascript; charset=utf-8",
        ["json"] = "application/json",
        ["jxl"] = "image/jxl",
        ["log"] = Text,
        ["m4a"] = "audio/mp4",
        ["md"] = "text/markdown; charset=utf-8",
        ["mjs"] = "text/javascript; charset=utf-8",
        ["mkv"] = "video/x-matroska",
        ["mov"] = "video/quicktime",
        ["mp3"] = "audio/mpeg",
        ["mp4"] = "video/mp4",
        ["odp"] = "application/vnd.oasis.opendocument.presentation",
        ["ods"] = "application/vnd.oasis.opendocument.spreadsheet",
        ["odt"] = "application/vnd.oasis.opendocument.text",
        ["ogg"] = "audio/ogg",
        ["opus"] = "audio/ogg",
        ["otf"] = "font/otf",
        ["patch"] = "text/x-diff; charset=utf-8",
        ["pdf"] = "application/pdf",
        ["pem"] = Text,
        ["png"] = "image/png",
        ["ppt"] = "application/vnd.ms-powerpoint",
        ["pptx"] = "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        ["ps"] = "application/postscript",
        ["py"] = Text,
        ["rpm"] = "application/x-rpm",
        ["rs"] = Text,
        ["rtf"] = "application/rtf",
        ["sh"] = Text,
        ["sql"] = "application/sql",
        ["svg"] = "image/svg+xml",
        ["tar"] = "application/x-tar",
        ["tgz"] = "application/gzip",
        ["tif"] = "image/tiff",
        ["tiff"] = "image/tiff",
        ["toml"] = "application/toml",
        ["ttf"] = "font/ttf",
        ["txt"] = Text,
        ["wasm"] = "application/wasm",
        ["wav"] = "audio/wav",
        ["webm"] = "video/webm",
        ["webp"] = "image/webp",
        ["woff"] = "font/woff",
        ["woff2"] = "font/woff2",
        ["xhtml"] = "application/xhtml+xml",
        ["xls"] = "application/vnd.ms-excel",
        ["xlsx"] = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ["xml"] = "application/xml",
        ["xz"] = "application/x-xz",
        ["yaml"] = "application/yaml",
        ["yml"] = "application/yaml",
        ["zip"] = "application/zip",
        ["zst"] = "application/zstd",
    };

    static readonly (byte[] Magic, int Offset, string Type)[] _byMagic =
    [
        ([0x89, .. "PNG\r\n"u8, 0x1a, (byte)'\n'], 0, "image/png"),
        ([0xff, 0xd8, 0xff], 0, "image/jpeg"),
        ([.. "GIF8"u8], 0, "image/gif"),
        ([.. "WEBP"u8], 8, "image/webp"),
        ([.. "%PDF-"u8], 0, "application/pdf"),
        ([.. "PK"u8, 3, 4], 0, "application/zip"),
        ([0x1f, 0x8b], 0, "application/gzip"),
        ([0x28, 0xb5, 0x2f, 0xfd], 0, "application/zstd"),
        ([0xfd, .. "7zXZ"u8, 0], 0, "application/x-xz"),
        ([.. "ustar"u8], 257, "application/x-tar"),
        ([.. "ID3"u8], 0, "audio/mpeg"),
        ([.. "OggS"u8], 0, "audio/ogg"),
        ([.. "fLaC"u8], 0, "audio/flac"),
        ([.. "ftyp"u8], 4, "video/mp4"),
        ([0x1a, 0x45, 0xdf, 0xa3], 0, "video/webm"),
    ];

    /// <summary>What an attribute says, where that is a media type.</summary>
    /// <returns>Null where it is none.</returns>
    public static string? OfAttribute(ReadOnlySpan<byte> value)
    {
        if (value.Length > LongestType || !Ascii.IsValid(value))
            return null;
        var type = Encoding.ASCII.GetString(value).Trim().TrimEnd('\0');
        var slash = type.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && slash + 1 < type.Length && char.IsAsciiLetterOrDigit(type[0]) && char.IsAsciiLetterOrDigit(type[slash + 1]) && !type.AsSpan().ContainsAnyExcept(_allowed)
            ? type
            : null;
    }

    /// <summary>What a name's end says; null where it says nothing.</summary>
    public static string? OfName(ReadOnlySpan<byte> name)
    {
        var dot = name.LastIndexOf((byte)'.');
        return dot >= 0 && name.Length - dot is > 1 and < 10 && Ascii.IsValid(name[dot..]) ? _byExtension.GetValueOrDefault(Encoding.ASCII.GetString(name[(dot + 1)..])) : null;
    }

    /// <summary>What the first bytes look like. Never what a browser runs.</summary>
    /// <param name="head">The first bytes, <see cref="HeadLength"/> of them or all.</param>
    public static string OfContent(ReadOnlySpan<byte> head)
    {
        foreach (var (magic, offset, type) in _byMagic)
        {
            if (head.Length >= offset + magic.Length && head.Slice(offset, magic.Length).SequenceEqual(magic))
                return type;
        }

        return !head.IsEmpty && IsText(head) ? Text : Unknown;
    }

    /// <summary>Whether content of a type gets much smaller by compression.</summary>
    public static bool IsCompressible(ReadOnlySpan<char> type)
    {
        var semicolon = type.IndexOf(';');
        type = (semicolon < 0 ? type : type[..semicolon]).Trim();
        return type.StartsWith("text/", StringComparison.Ordinal) || type.EndsWith("+xml", StringComparison.Ordinal) || type.EndsWith("+json", StringComparison.Ordinal)
            || type is "application/json" or "application/xml" or "application/yaml" or "application/toml" or "application/sql" or "application/wasm" or "application/x-tar";
    }

    // The last rune may be cut through.
    static bool IsText(ReadOnlySpan<byte> head)
    {
        foreach (var b in head)
        {
            if (b < 0x20 && b is not ((byte)'\t' or (byte)'\n' or (byte)'\r' or 0x0c or 0x1b))
                return false;
        }

        for (var cut = 0; cut < 4 && cut < head.Length; cut++)
        {
            if (Utf8.IsValid(head[..^cut]))
                return true;
        }

        return false;
    }
}
