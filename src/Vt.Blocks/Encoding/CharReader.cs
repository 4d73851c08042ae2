using System.Globalization;
using Vt.Blocks.Contracts;

namespace Vt.Blocks.Encoding;

/// <summary>
/// Reads our text forms from a span of characters, as <see cref="ByteReader"/> does the binary ones. Whatever does not fit
/// is a <see cref="FormatInvalidException"/> whose offset counts characters from the start of the span.
/// </summary>
public ref struct CharReader
{
    readonly ReadOnlySpan<char> _text;
    int _position;

    /// <summary>Reads from the start of <paramref name="text"/>, which is borrowed.</summary>
    public CharReader(ReadOnlySpan<char> text)
    {
        _text = text;
        _position = 0;
    }

    /// <summary>How many characters have been read.</summary>
    public readonly int Position => _position;

    /// <summary>Whether all was read.</summary>
    public readonly bool AtEnd => _position == _text.Length;

    /// <summary>What has not been read.</summary>
    public readonly ReadOnlySpan<char> Rest => _text[_position..];

    /// <summary>The next character without reading it; NUL at the end.</summary>
    public readonly char Peek() => AtEnd ? '\0' : _text[_position];

    /// <summary>Reads over characters that the caller has looked at in <see cref="Rest"/>.</summary>
    public void Skip(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_text.Length - _position));
        _position += count;
    }

    /// <summary>Reads <paramref name="expected"/> if it comes next.</summary>
    public bool TrySkip(scoped ReadOnlySpan<char> expected)
    {
        if (!Rest.StartsWith(expected, StringComparison.Ordinal))
            return false;
        _position += expected.Length;
        return true;
    }

    /// <summary>Reads <paramref name="expected"/>, which must come next.</summary>
    public void Expect(scoped ReadOnlySpan<char> expected)
    {
        if (!TrySkip(expected))
            throw Fault($"'{expected}' is wanted");
    }

    /// <summary>Reads letters, digits, dots and hyphens: names and hashes.</summary>
    public ReadOnlySpan<char> ReadWord()
    {
        var start = _position;
        while (!AtEnd && (char.IsAsciiLetterOrDigit(_text[_position]) || _text[_position] is '.' or '-'))
            _position++;
        return _text[start.._position];
    }

    /// <summary>Reads a decimal number from 0 to <paramref name="maximum"/>, without sign and without leading zeros.</summary>
    public long ReadNumber(long maximum = long.MaxValue)
    {
        var start = _position;
        while (!AtEnd && char.IsAsciiDigit(_text[_position]))
            _position++;
        var digits = _text[start.._position];
        if (digits.IsEmpty)
            throw Fault("a number is wanted");
        if (digits.Length > 1 && digits[0] == '0')
            throw FaultAt(start, "a number has leading zeros");
        if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var value) || value > maximum)
            throw FaultAt(start, $"a number is over its limit of {maximum}");
        return value;
    }

    /// <summary>Reads two hexadecimal digits as a byte.</summary>
    public byte ReadHexByte()
    {
        var rest = Rest;
        if (rest.Length < 2 || TextBytes.FromHex(rest[0]) < 0 || TextBytes.FromHex(rest[1]) < 0)
            throw Fault("two hexadecimal digits are wanted");
        _position += 2;
        return (byte)((TextBytes.FromHex(rest[0]) << 4) | TextBytes.FromHex(rest[1]));
    }

    /// <summary>Reads a byte string as <see cref="TextBytes"/> writes it.</summary>
    public byte[] ReadQuoted()
    {
        try
        {
            var bytes = TextBytes.Unquote(Rest, out var consumed);
            _position += consumed;
            return bytes;
        }
        catch (FormatInvalidException fault)
        {
            throw FaultAt(_position + (int)fault.Offset, fault.What);
        }
    }

    /// <summary>A fault at the place that is to be read next.</summary>
    public readonly FormatInvalidException Fault(string what) => FaultAt(_position, what);

    /// <summary>A fault at an earlier <see cref="Position"/>.</summary>
    public static FormatInvalidException FaultAt(int position, string what) => new(what, position);
}
