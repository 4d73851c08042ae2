namespace Vt.Blocks.Chunking.Scanners;

/// <summary>A scanner and what tells that it suits.</summary>
sealed class ScannerKind
{
    readonly byte[][] _extensions;
    readonly byte[][] _mimeTypes;
    readonly int _magicAt;
    readonly byte[][] _magics;

    /// <summary>Lists a scanner.</summary>
    /// <param name="scanner">The scanner.</param>
    /// <param name="extensions">Lower-case endings of names, without the dot.</param>
    /// <param name="mimeTypes">Lower-case media types.</param>
    /// <param name="magicAt">Where the first bytes have one of the <paramref name="magics"/>.</param>
    /// <param name="magics">Bytes that such content has there.</param>
    public ScannerKind(Scanner scanner, string[] extensions, string[] mimeTypes, int magicAt, byte[][] magics)
    {
        Scanner = scanner;
        _extensions = [.. extensions.Select(System.Text.Encoding.ASCII.GetBytes)];
        _mimeTypes = [.. mimeTypes.Select(System.Text.Encoding.ASCII.GetBytes)];
        _magicAt = magicAt;
        _magics = magics;
    }

    /// <summary>The scanner.</summary>
    public Scanner Scanner { get; }

    /// <summary>Whether names with this ending mean it.</summary>
    public bool HasExtension(ReadOnlySpan<byte> extension) => Contains(_extensions, extension);

    /// <summary>Whether this media type means it.</summary>
    public bool HasMimeType(ReadOnlySpan<byte> mimeType) => Contains(_mimeTypes, mimeType);

    /// <summary>Whether the first bytes mean it.</summary>
    public bool HasMagic(ReadOnlySpan<byte> head)
    {
        foreach (var magic in _magics)
        {
            if (head.Length >= _magicAt && head[_magicAt..].StartsWith(magic))
                return true;
        }

        return false;
    }

    static bool Contains(byte[][] list, ReadOnlySpan<byte> value)
    {
        foreach (var entry in list)
        {
            if (System.Text.Ascii.EqualsIgnoreCase(entry, value))
                return true;
        }

        return false;
    }
}
