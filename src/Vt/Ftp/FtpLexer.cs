using System.Globalization;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;

namespace Vt.Ftp;

/// <summary>
/// Takes lines apart as a shell does: blanks between words, <c>'…'</c>, <c>"…"</c>, <c>\</c> and <c>$'…'</c> to quote, <c>;</c> between commands, <c>#</c> before a remark.
/// Beyond that <c>\xNN</c> is a byte, as names are shown, and a word that begins as the text of a reference does is taken as it is.
/// </summary>
/// <param name="text">The line, or several; see <see cref="LosslessText"/>.</param>
sealed class FtpLexer(string text)
{
    readonly List<byte> _bytes = [];
    readonly List<byte> _pattern = [];
    bool _hasWildcards;
    int _at;

    /// <summary>Whether the text ends within a quotation, which a line that is being typed may.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Takes a text apart.</summary>
    /// <exception cref="UserErrorException">A quotation does not end.</exception>
    public static List<FtpStatement> Parse(string text)
    {
        var lexer = new FtpLexer(text);
        var statements = new List<FtpStatement>();
        while (lexer.ReadStatement() is { } statement)
        {
            if (lexer.IsOpen)
                throw new UserErrorException("a quotation does not end");
            if (statement.Words.Count > 0 || statement.Shell is not null)
                statements.Add(statement);
        }

        return statements;
    }

    /// <summary>The next command, which may have no words; null at the end.</summary>
    public FtpStatement? ReadStatement()
    {
        if (_at >= text.Length)
            return null;
        var words = new List<FtpWord>();
        SkipBlanks();
        var isTolerant = _at + 1 < text.Length && text[_at] == '-' && (char.IsAsciiLetter(text[_at + 1]) || text[_at + 1] == '!');
        if (isTolerant)
            _at++;
        if (_at < text.Length && text[_at] == '!')
            return new FtpStatement([], ReadLine(), isTolerant);
        for (SkipBlanks(); _at < text.Length && !IsEnd(text[_at]); SkipBlanks())
            words.Add(ReadWord());
        _at++;
        return new FtpStatement(words, null, isTolerant);
    }

    static bool IsEnd(char c) => c is ';' or '\n';

    static bool IsBlank(char c) => c is ' ' or '\t' or '\r';

    void SkipBlanks()
    {
        while (_at < text.Length && IsBlank(text[_at]))
            _at++;
        if (_at < text.Length && text[_at] == '#')
        {
            while (_at < text.Length && text[_at] != '\n')
                _at++;
        }
    }

    string ReadLine()
    {
        var end = text.IndexOf('\n', _at);
        var line = text[(_at + 1)..(end < 0 ? text.Length : end)];
        _at = end < 0 ? text.Length : end + 1;
        return line.Trim();
    }

    FtpWord ReadWord()
    {
        var start = _at;
        _bytes.Clear();
        _pattern.Clear();
        _hasWildcards = false;
        if (char.IsAsciiLetterUpper(text[_at]) && _at + 1 < text.Length && text[_at + 1] == '{')
            ReadReference();
        while (_at < text.Length && !IsBlank(text[_at]) && !IsEnd(text[_at]))
            ReadPart();
        return new FtpWord([.. _bytes], [.. _pattern], _hasWildcards, start);
    }

    // Up to a blank, or to the end of a command behind its last brace.
    void ReadReference()
    {
        var (depth, isQuoted, start) = (0, false, _at);
        for (; _at < text.Length && !IsBlank(text[_at]) && (depth > 0 || isQuoted || !IsEnd(text[_at])); _at++)
        {
            if (text[_at] == '\\' && isQuoted && _at + 1 < text.Length)
                _at++;
            else if (text[_at] == '"')
                isQuoted = !isQuoted;
            else if (!isQuoted)
                depth += text[_at] switch { '{' => 1, '}' => -1, _ => 0 };
        }

        AddLiteral(text[start.._at]);
    }

    void ReadPart()
    {
        var c = text[_at];
        switch (c)
        {
            case '\'':
                AddLiteral(ReadTo('\''));
                break;
            case '"':
                ReadDoubleQuoted();
                break;
            case '$' when _at + 1 < text.Length && text[_at + 1] == '\'':
                _at++;
                ReadEscapedQuoted();
                break;
            case '\\':
                ReadBackslash();
                break;
            case '*' or '?' or '[':
                _hasWildcards = true;
                _bytes.Add((byte)c);
                _pattern.Add((byte)c);
                _at++;
                break;
            case ']':
                _bytes.Add((byte)c);
                _pattern.Add((byte)c);
                _at++;
                break;
            default:
                var start = _at;
                while (_at < text.Length && !IsBlank(text[_at]) && !IsEnd(text[_at]) && text[_at] is not ('\'' or '"' or '$' or '\\' or '*' or '?' or '[' or ']'))
                    _at++;
                if (_at == start)
                    _at++;
                AddLiteral(text[start.._at]);
                break;
        }
    }

    string ReadTo(char quote)
    {
        var start = ++_at;
        var end = text.IndexOf(quote, start);
        IsOpen |= end < 0;
        _at = end < 0 ? text.Length : end + 1;
        return text[start..(end < 0 ? text.Length : end)];
    }

    void ReadDoubleQuoted()
    {
        for (_at++; _at < text.Length && text[_at] != '"';)
        {
            if (text[_at] != '\\')
            {
                AddCharacters();
            }
            else if (_at + 1 < text.Length && text[_at + 1] is '"' or '\\' or '$' or '`')
            {
                AddLiteral(text[(_at + 1)..(_at + 2)]);
                _at += 2;
            }
            else if (!TryReadHex())
            {
                AddLiteral("\\");
                _at++;
            }
        }

        Close();
    }

    void ReadEscapedQuoted()
    {
        for (_at++; _at < text.Length && text[_at] != '\'';)
        {
            if (text[_at] != '\\' || _at + 1 == text.Length)
                AddCharacters();
            else if (!TryReadHex() && !TryReadOctal())
                ReadLetterEscape();
        }

        Close();
    }

    void Close()
    {
        IsOpen |= _at >= text.Length;
        _at++;
    }

    void ReadLetterEscape()
    {
        const string letters = "nrtabfve";
        const string values = "\n\r\t\a\b\f\v\u001b";
        var letter = letters.IndexOf(text[_at + 1], StringComparison.Ordinal);
        AddLiteral(letter < 0 ? text[(_at + 1)..(_at + 2)] : values[letter..(letter + 1)]);
        _at += 2;
    }

    void ReadBackslash()
    {
        if (TryReadHex())
            return;
        _at++;
        IsOpen |= _at >= text.Length;
        if (_at < text.Length)
            AddCharacters();
    }

    // A character, of those outside the basic plane both halves.
    void AddCharacters()
    {
        var count = char.IsHighSurrogate(text[_at]) && _at + 1 < text.Length && char.IsLowSurrogate(text[_at + 1]) ? 2 : 1;
        AddLiteral(text.Substring(_at, count));
        _at += count;
    }

    bool TryReadHex()
    {
        if (_at + 3 >= text.Length || text[_at] != '\\' || text[_at + 1] != 'x' || !byte.TryParse(text.AsSpan(_at + 2, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
            return false;
        AddByte(value);
        _at += 4;
        return true;
    }

    bool TryReadOctal()
    {
        var (value, count) = (0, 0);
        while (count < 3 && _at + 1 + count < text.Length && text[_at + 1 + count] is >= '0' and <= '7')
            value = (value * 8) + text[_at + 1 + count++] - '0';
        if (count == 0)
            return false;
        AddByte((byte)value);
        _at += 1 + count;
        return true;
    }

    void AddLiteral(string literal)
    {
        foreach (var b in LosslessText.ToBytes(literal))
            AddByte(b);
    }

    void AddByte(byte value)
    {
        if (value is (byte)'*' or (byte)'?' or (byte)'[' or (byte)']' or (byte)'\\')
            _pattern.Add((byte)'\\');
        _bytes.Add(value);
        _pattern.Add(value);
    }
}
