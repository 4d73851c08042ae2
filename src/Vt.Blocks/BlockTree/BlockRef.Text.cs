using System.Diagnostics;
using System.Globalization;
using System.Text;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Blocks.Hashing;

namespace Vt.Blocks.BlockTree;

// The text form, without white space, so that it can be pasted anywhere and stand inside other text forms:
//   B{<hash>,span:N}            direct
//   I{<hash>,span:N,level:N}    indirect
//   L{"bytes"}                  literal; see TextBytes
//   R{xNN,span:N}               run
//   S{offset:N,span:N,of:B{…}}  slice of a direct or indirect reference
public readonly partial struct BlockRef
{
    /// <summary>The text form, which <see cref="Parse(ReadOnlySpan{char})"/> reads back.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(128);
        AppendTo(text);
        return text.ToString();
    }

    /// <summary>Writes the text form behind what is there.</summary>
    public void AppendTo(StringBuilder text)
    {
        var culture = CultureInfo.InvariantCulture;
        switch (Kind)
        {
            case BlockRefKind.Direct:
                text.Append(culture, $"B{{{_hash},span:{_span}}}");
                break;
            case BlockRefKind.Indirect:
                text.Append(culture, $"I{{{_hash},span:{_span},level:{Level}}}");
                break;
            case BlockRefKind.Literal:
                text.Append("L{");
                TextBytes.AppendQuoted(text, LiteralBytes.Span);
                text.Append('}');
                break;
            case BlockRefKind.Run:
                text.Append(culture, $"R{{x{RunByte:x2},span:{_span}}}");
                break;
            case BlockRefKind.Slice:
                text.Append(culture, $"S{{offset:{_offset},span:{_span},of:");
                SliceOf.AppendTo(text);
                text.Append('}');
                break;
            default:
                throw new UnreachableException();
        }
    }

    /// <summary>Reads a text that is a reference's text form and nothing else.</summary>
    /// <exception cref="FormatInvalidException">It is not; the offset says where it goes wrong, in characters.</exception>
    public static BlockRef Parse(ReadOnlySpan<char> text)
    {
        var reader = new CharReader(text);
        var result = Parse(ref reader);
        return reader.AtEnd ? result : throw reader.Fault("a reference is followed by something else");
    }

    /// <summary>Reads a text form that other text may follow: the reader then stands behind it.</summary>
    /// <exception cref="FormatInvalidException">None is there; the offset says where it goes wrong, in characters.</exception>
    public static BlockRef Parse(ref CharReader reader) => Parse(ref reader, mayBeSlice: true);

    /// <summary>Reads a text that is a reference's text form and nothing else.</summary>
    /// <returns>Whether it is.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out BlockRef reference)
    {
        reference = default;

        // Most texts that are none are of another kind, which the first letter says for less than an exception costs.
        if (text is not ['B' or 'I' or 'L' or 'R' or 'S', '{', ..])
            return false;
        try
        {
            reference = Parse(text);
            return true;
        }
        catch (FormatInvalidException)
        {
            return false;
        }
    }

    static BlockRef Parse(ref CharReader reader, bool mayBeSlice)
    {
        var at = reader.Position;
        BlockRef result;
        if (reader.TrySkip("B{"))
        {
            var hash = ParseHash(ref reader);
            result = Direct(hash, ParseSpan(ref reader, ",span:", least: 1));
        }
        else if (reader.TrySkip("I{"))
        {
            var hash = ParseHash(ref reader);
            var span = ParseSpan(ref reader, ",span:", least: 1);
            result = Indirect(hash, span, (int)ParseSpan(ref reader, ",level:", least: 1, most: DeepestLevel));
        }
        else if (reader.TrySkip("L{"))
        {
            result = ParseLiteral(ref reader);
        }
        else if (reader.TrySkip("R{"))
        {
            reader.Expect("x");
            var value = reader.ReadHexByte();
            result = Run(value, ParseSpan(ref reader, ",span:", least: 1));
        }
        else if (reader.TrySkip("S{"))
        {
            if (!mayBeSlice)
                throw CharReader.FaultAt(at, "a slice is of a slice");
            result = ParseSlice(ref reader, at);
        }
        else
        {
            throw reader.Fault("a reference is wanted: B{, I{, L{, R{ or S{");
        }

        reader.Expect("}");
        return result;
    }

    static BlockHash ParseHash(ref CharReader reader)
    {
        var at = reader.Position;
        var word = reader.ReadWord();
        return BlockHash.TryParse(word, out var hash)
            ? hash
            : throw CharReader.FaultAt(at, $"'{word}' is not a hash: its digits, a dot and the algorithm's name are wanted");
    }

    static long ParseSpan(ref CharReader reader, ReadOnlySpan<char> label, long least, long most = long.MaxValue)
    {
        reader.Expect(label);
        var at = reader.Position;
        var value = reader.ReadNumber(most);
        return value >= least ? value : throw CharReader.FaultAt(at, $"a number is below its limit of {least}");
    }

    static BlockRef ParseLiteral(ref CharReader reader)
    {
        var at = reader.Position;
        var bytes = reader.ReadQuoted();
        return bytes.Length <= LongestLiteral
            ? Literal(bytes)
            : throw CharReader.FaultAt(at, $"a literal of {bytes.Length} bytes is over its limit of {LongestLiteral}");
    }

    static BlockRef ParseSlice(ref CharReader reader, int at)
    {
        var offset = ParseSpan(ref reader, "offset:", least: 0);
        var span = ParseSpan(ref reader, ",span:", least: 1);
        reader.Expect(",of:");
        var whole = Parse(ref reader, mayBeSlice: false);
        CheckSlice(whole, offset, span, at);
        return Slice(whole, offset, span);
    }
}
