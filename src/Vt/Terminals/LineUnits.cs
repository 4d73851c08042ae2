using System.Buffers;
using System.Text;

namespace Vt.Terminals;

/// <summary>
/// What a line that is being typed is made of: characters, and bytes that are no part of UTF-8. A unit is a character's number, or that of the lone surrogate by
/// which <see cref="Vt.Blocks.Encoding.LosslessText"/> writes a byte.
/// </summary>
static class LineUnits
{
    const int ByteBase = 0xdc00;

    /// <summary>The unit of a byte that is no part of a character.</summary>
    public static int OfByte(byte value) => ByteBase + value;

    /// <summary>Takes a text apart.</summary>
    public static List<int> Of(string text)
    {
        var units = new List<int>(text.Length);
        for (var rest = text.AsSpan(); !rest.IsEmpty;)
        {
            var isRune = Rune.DecodeFromUtf16(rest, out var rune, out var used) == OperationStatus.Done;
            units.Add(isRune ? rune.Value : rest[0]);
            rest = rest[used..];
        }

        return units;
    }

    /// <summary>The text of some units.</summary>
    public static string TextOf(IEnumerable<int> units)
    {
        var text = new StringBuilder();
        foreach (var unit in units)
            _ = Rune.TryCreate(unit, out var rune) ? text.Append(rune.ToString()) : text.Append((char)unit);
        return text.ToString();
    }

    /// <summary>How a unit is shown: itself, or as <c>\xNN</c> what is a control character or no character.</summary>
    public static string Shown(int unit)
    {
        if (!Rune.TryCreate(unit, out var rune))
            return $@"\x{unit - ByteBase & 0xff:x2}";
        if (!Rune.IsControl(rune))
            return rune.ToString();
        var bytes = new byte[4];
        var text = "";
        foreach (var b in bytes.AsSpan(0, rune.EncodeToUtf8(bytes)))
            text += $@"\x{b:x2}";
        return text;
    }

    /// <summary>How many columns that takes.</summary>
    public static int WidthOf(int unit) => Rune.TryCreate(unit, out var rune) && !Rune.IsControl(rune) ? CharacterWidth.Of(rune) : Shown(unit).Length;

    /// <summary>Whether a unit is a blank.</summary>
    public static bool IsBlank(int unit) => unit is ' ' or '\t';

    /// <summary>Whether a unit is part of a word to the keys that go by words: a letter, a digit, or a byte that is no character.</summary>
    public static bool IsWordPart(int unit) => !Rune.TryCreate(unit, out var rune) || Rune.IsLetterOrDigit(rune);
}
