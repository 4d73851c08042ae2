using System.Text;
using Vt.Blocks.Encoding;

namespace Vt.Hosts.HttpServer;

/// <summary>
/// The path of a request as it was sent: parts between slashes, each of which stands for bytes. Nobody has decoded or simplified anything before, so what one
/// sees is what was asked for.
/// </summary>
sealed class UrlPath
{
    readonly string[] _parts;

    UrlPath(string raw, string[] parts)
    {
        Raw = raw;
        _parts = parts;
    }

    /// <summary>The path as it was sent.</summary>
    public string Raw { get; }

    /// <summary>How many parts it has; what is behind the last slash is none if it is empty.</summary>
    public int Count => _parts.Length;

    /// <summary>Whether it ends in a slash.</summary>
    public bool EndsInSlash => Raw.EndsWith('/');

    /// <summary>A part as it was sent; empty behind the last one.</summary>
    public string this[int index] => index < _parts.Length ? _parts[index] : "";

    /// <summary>Takes a path apart.</summary>
    /// <exception cref="RefusalException">It doesn't begin with a slash.</exception>
    public static UrlPath Parse(string raw)
    {
        if (!raw.StartsWith('/'))
            throw RefusalException.Bad("the request is for no path");
        var inner = raw.EndsWith('/') ? raw[1..Math.Max(1, raw.Length - 1)] : raw[1..];
        return new UrlPath(raw, inner.Length == 0 ? [] : inner.Split('/'));
    }

    /// <summary>The bytes that a part stands for.</summary>
    /// <exception cref="RefusalException">An escape is none, or stands for a NUL.</exception>
    public byte[] Decode(int index) => Decode(this[index]);

    /// <summary>The name in a folder that a part stands for.</summary>
    /// <exception cref="RefusalException">It can be none: it has a slash or NUL, or is empty, <c>.</c> or <c>..</c>.</exception>
    public byte[] NameAt(int index)
    {
        var name = Decode(index);
        if (name.AsSpan().Contains((byte)'/') || name is [] or [(byte)'.'] or [(byte)'.', (byte)'.'])
            throw RefusalException.Bad("no name is empty, . or .., nor has a slash in it");
        return name;
    }

    /// <summary>The text that a part stands for; bytes that are not UTF-8 as <see cref="LosslessText"/> has them.</summary>
    public string TextAt(int index) => LosslessText.FromBytes(Decode(index));

    /// <summary>The parts up to one, as they were sent, with slashes around them.</summary>
    public string Before(int index) => index == 0 ? "/" : $"/{string.Join('/', _parts, 0, index)}/";

    /// <summary>Bytes as a part.</summary>
    public static string Encode(ReadOnlySpan<byte> bytes) => PercentText.Encode(bytes);

    /// <summary>Text as a part.</summary>
    public static string Encode(string text) => Encode(LosslessText.ToBytes(text));

    /// <summary>The bytes that percent-encoded text stands for.</summary>
    /// <exception cref="RefusalException">An escape is none, or stands for a NUL.</exception>
    public static byte[] Decode(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var length = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            var b = bytes[i];
            if (b == '%')
            {
                if (i + 2 >= bytes.Length || !char.IsAsciiHexDigit((char)bytes[i + 1]) || !char.IsAsciiHexDigit((char)bytes[i + 2]))
                    throw RefusalException.Bad("a % in the path is followed by something else than two hexadecimal digits");
                b = (byte)((Value(bytes[i + 1]) << 4) | Value(bytes[i + 2]));
                i += 2;
            }

            if (b == 0)
                throw RefusalException.Bad("the path has a NUL in it");
            bytes[length++] = b;
        }

        return bytes[..length];
    }

    static int Value(byte digit) => char.IsAsciiDigit((char)digit) ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
