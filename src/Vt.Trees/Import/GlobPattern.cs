using Vt.Blocks.Contracts;

namespace Vt.Trees.Import;

/// <summary>
/// A compiled pattern over bytes: <c>?</c> is any byte but a slash, <c>*</c> any number of those, <c>**</c> any bytes,
/// <c>[a-z]</c> and <c>[!a-z]</c> a class with <c>[:alpha:]</c> and the like, <c>\x</c> the byte x itself. Immutable.
/// </summary>
/// <remarks>Matching takes time in proportion to pattern times text at worst.</remarks>
public sealed class GlobPattern
{
    enum TokenKind : byte
    {
        Byte,
        Class,
        AnyButSlash,
        Star,
        DoubleStar,

        // Nothing, or anything that ends with a slash.
        Folders,
    }

    readonly record struct Token(TokenKind Kind, byte Value = 0, bool[]? Class = null);

    readonly Token[] _tokens;

    GlobPattern(Token[] tokens) => _tokens = tokens;

    /// <summary>Compiles a pattern.</summary>
    /// <param name="pattern">Its bytes.</param>
    /// <param name="folders">Whether <c>**/</c> at the start or behind a slash stands for any number of folders, also none, as in .gitignore.</param>
    /// <exception cref="UserErrorException">A class is not closed, or a backslash has nothing to quote.</exception>
    public static GlobPattern Compile(ReadOnlySpan<byte> pattern, bool folders = false)
    {
        var tokens = new List<Token>();
        for (var i = 0; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case (byte)'?':
                    tokens.Add(new Token(TokenKind.AnyButSlash));
                    break;
                case (byte)'*':
                    var start = i;
                    while (i + 1 < pattern.Length && pattern[i + 1] == '*')
                        i++;
                    if (i == start)
                    {
                        tokens.Add(new Token(TokenKind.Star));
                    }
                    else if (folders && i + 1 < pattern.Length && pattern[i + 1] == '/' && (start == 0 || pattern[start - 1] == '/'))
                    {
                        tokens.Add(new Token(TokenKind.Folders));
                        i++;
                    }
                    else
                    {
                        tokens.Add(new Token(TokenKind.DoubleStar));
                    }

                    break;
                case (byte)'[':
                    tokens.Add(new Token(TokenKind.Class, Class: ReadClass(pattern, ref i)));
                    break;
                case (byte)'\\':
                    if (++i == pattern.Length)
                        throw Fault(pattern, "nothing follows the last backslash");
                    tokens.Add(new Token(TokenKind.Byte, pattern[i]));
                    break;
                default:
                    tokens.Add(new Token(TokenKind.Byte, pattern[i]));
                    break;
            }
        }

        return new GlobPattern([.. tokens]);
    }

    /// <summary>Whether the whole text matches.</summary>
    public bool Matches(ReadOnlySpan<byte> text)
    {
        // On a mismatch only the last star of each sort needs to give way: what an earlier one left is matched as early as it can be.
        int token = 0, at = 0;
        int star = -1, starAt = 0;
        int wide = -1, wideAt = 0;
        while (true)
        {
            if (token < _tokens.Length)
            {
                switch (_tokens[token].Kind)
                {
                    case TokenKind.Star:
                        star = ++token;
                        starAt = at;
                        continue;
                    case TokenKind.DoubleStar or TokenKind.Folders:
                        wide = ++token;
                        wideAt = at;
                        star = -1;
                        continue;
                    default:
                        if (at < text.Length && MatchesByte(_tokens[token], text[at]))
                        {
                            token++;
                            at++;
                            continue;
                        }

                        break;
                }
            }
            else if (at == text.Length)
            {
                return true;
            }

            if (star >= 0 && starAt < text.Length && text[starAt] != '/')
            {
                at = ++starAt;
                token = star;
                continue;
            }

            if (wide < 0 || !Widen(text, _tokens[wide - 1].Kind, ref wideAt))
                return false;
            at = wideAt;
            token = wide;
            star = -1;
        }
    }

    static bool Widen(ReadOnlySpan<byte> text, TokenKind kind, ref int at)
    {
        if (at >= text.Length)
            return false;
        if (kind == TokenKind.DoubleStar)
        {
            at++;
            return true;
        }

        var slash = text[at..].IndexOf((byte)'/');
        at += slash + 1;
        return slash >= 0;
    }

    static bool MatchesByte(in Token token, byte value) => token.Kind switch
    {
        TokenKind.Byte => token.Value == value,
        TokenKind.Class => token.Class![value],
        _ => value != '/',
    };

    static bool[] ReadClass(ReadOnlySpan<byte> pattern, ref int i)
    {
        var set = new bool[256];
        var start = ++i;
        var negated = i < pattern.Length && pattern[i] is (byte)'!' or (byte)'^';
        if (negated)
            start = ++i;
        for (; ; i++)
        {
            if (i >= pattern.Length)
                throw Fault(pattern, "a class is not closed with ]");
            if (pattern[i] == ']' && i > start)
                break;
            if (pattern[i] == '[' && i + 1 < pattern.Length && pattern[i + 1] == ':' && TryReadNamed(pattern, ref i, set))
                continue;
            var first = ReadClassByte(pattern, ref i);
            var last = first;
            if (i + 2 < pattern.Length && pattern[i + 1] == '-' && pattern[i + 2] != ']')
            {
                i += 2;
                last = ReadClassByte(pattern, ref i);
            }

            for (int value = first; value <= last; value++)
                set[value] = true;
        }

        for (var value = 0; negated && value < set.Length; value++)
            set[value] = !set[value];
        set['/'] = false;
        return set;
    }

    static byte ReadClassByte(ReadOnlySpan<byte> pattern, ref int i)
    {
        if (pattern[i] == '\\' && ++i >= pattern.Length)
            throw Fault(pattern, "nothing follows the last backslash");
        return pattern[i];
    }

    static bool TryReadNamed(ReadOnlySpan<byte> pattern, ref int i, bool[] set)
    {
        var length = pattern[(i + 2)..].IndexOf(":]"u8);
        if (length < 0)
            return false;
        var name = pattern.Slice(i + 2, length);
        for (var value = 0; value < 128; value++)
            set[value] |= IsIn(name, (char)value);
        i += 2 + length + 1;
        return true;
    }

    static bool IsIn(ReadOnlySpan<byte> name, char value) => name switch
    {
        _ when name.SequenceEqual("alpha"u8) => char.IsAsciiLetter(value),
        _ when name.SequenceEqual("digit"u8) => char.IsAsciiDigit(value),
        _ when name.SequenceEqual("alnum"u8) => char.IsAsciiLetterOrDigit(value),
        _ when name.SequenceEqual("upper"u8) => char.IsAsciiLetterUpper(value),
        _ when name.SequenceEqual("lower"u8) => char.IsAsciiLetterLower(value),
        _ when name.SequenceEqual("xdigit"u8) => char.IsAsciiHexDigit(value),
        _ when name.SequenceEqual("space"u8) => value is ' ' or (>= '\t' and <= '\r'),
        _ when name.SequenceEqual("blank"u8) => value is ' ' or '\t',
        _ when name.SequenceEqual("cntrl"u8) => value is < ' ' or '\x7f',
        _ when name.SequenceEqual("print"u8) => value is >= ' ' and < '\x7f',
        _ when name.SequenceEqual("graph"u8) => value is > ' ' and < '\x7f',
        _ when name.SequenceEqual("punct"u8) => value is > ' ' and < '\x7f' && !char.IsAsciiLetterOrDigit(value),
        _ => throw new UserErrorException($"'[:{Posix.PathText.Of(name)}:]' is not a known class of characters"),
    };

    static UserErrorException Fault(ReadOnlySpan<byte> pattern, string what) => new($"pattern '{Posix.PathText.Of(pattern)}': {what}");
}
