using Vt.Blocks.Contracts;

namespace Vt.Dvol;

/// <summary>
/// Reads as much of YAML as compose files are written in: tables and lists by indentation, lists in brackets, plain and quoted texts, comments, texts of several lines. What it can't
/// read (anchors, tags, tables in braces) it refuses by the line.
/// </summary>
sealed class YamlReader
{
    readonly List<(int Number, int Indent, string Text)> _lines = [];
    readonly string _file;
    int _at;

    YamlReader(string text, string file)
    {
        _file = file;
        var number = 0;
        foreach (var line in text.ReplaceLineEndings("\n").Split('\n'))
        {
            number++;
            var content = WithoutComment(line).TrimEnd();
            if (content.TrimStart().Length == 0 || content is "---" or "...")
                continue;
            var indent = content.Length - content.TrimStart(' ').Length;
            if (content[indent] == '\t')
                throw Fault(number, "a line begins with a tab, which YAML does not allow");
            _lines.Add((number, indent, content[indent..]));
        }
    }

    /// <summary>Reads a document.</summary>
    /// <param name="text">The document.</param>
    /// <param name="file">Its name, for errors.</param>
    /// <exception cref="UserErrorException">It can't be read.</exception>
    public static YamlNode Read(string text, string file)
    {
        var reader = new YamlReader(text, file);
        if (reader._lines.Count == 0)
            return new YamlNode();
        var node = reader.ReadBlock(reader._lines[0].Indent);
        return reader._at == reader._lines.Count ? node : throw reader.Fault(reader._lines[reader._at].Number, "it is indented less than what it would belong to");
    }

    YamlNode ReadBlock(int indent) => IsItem(_lines[_at].Text) ? ReadList(indent) : ReadTable(indent);

    YamlNode ReadList(int indent)
    {
        var items = new List<YamlNode>();
        while (_at < _lines.Count && _lines[_at].Indent == indent && IsItem(_lines[_at].Text))
        {
            var (number, _, text) = _lines[_at];
            var rest = text[1..].TrimStart();
            if (rest.Length == 0)
            {
                _at++;
                items.Add(_at < _lines.Count && _lines[_at].Indent > indent ? ReadBlock(_lines[_at].Indent) : new YamlNode { Text = "" });
            }
            else if (FindColon(rest) >= 0)
            {
                // A table whose first field stands behind the dash: the others are below it.
                var inner = indent + text.Length - rest.Length;
                _lines[_at] = (number, inner, rest);
                items.Add(ReadTable(inner));
            }
            else
            {
                _at++;
                items.Add(ReadValue(number, rest, indent));
            }
        }

        return new YamlNode { Items = items };
    }

    YamlNode ReadTable(int indent)
    {
        var fields = new List<(string, YamlNode)>();
        while (_at < _lines.Count && _lines[_at].Indent == indent && !IsItem(_lines[_at].Text))
        {
            var (number, _, text) = _lines[_at++];
            var colon = FindColon(text);
            if (colon < 0)
                throw Fault(number, $"'{text}' is no field: a name, a colon and a value");
            var name = Unquote(number, text[..colon].TrimEnd());
            var rest = text[(colon + 1)..].Trim();
            if (rest.Length > 0)
                fields.Add((name, ReadValue(number, rest, indent)));
            else if (_at < _lines.Count && (_lines[_at].Indent > indent || (_lines[_at].Indent == indent && IsItem(_lines[_at].Text))))
                fields.Add((name, ReadBlock(_lines[_at].Indent)));
            else
                fields.Add((name, new YamlNode { Text = "" }));
        }

        if (_at < _lines.Count && _lines[_at].Indent > indent)
            throw Fault(_lines[_at].Number, "it is indented more than what it would belong to");
        return new YamlNode { Fields = fields };
    }

    YamlNode ReadValue(int number, string text, int indent)
    {
        switch (text[0])
        {
            case '|' or '>':
                var lines = new List<string>();
                while (_at < _lines.Count && _lines[_at].Indent > indent)
                    lines.Add(_lines[_at++].Text);
                return new YamlNode { Text = string.Join(text[0] == '|' ? '\n' : ' ', lines) };
            case '[' when text[^1] == ']':
                return new YamlNode { Items = [.. SplitList(text[1..^1]).Select(item => new YamlNode { Text = Unquote(number, item) })] };
            case '{' when text[1..^1].Trim().Length == 0 && text[^1] == '}':
                return new YamlNode();
            case '[' or '{' or '&' or '*' or '!':
                throw Fault(number, $"'{text}' is YAML that can't be read here: write it as lines of names and values");
            default:
                return new YamlNode { Text = Unquote(number, text) };
        }
    }

    static IEnumerable<string> SplitList(string text)
    {
        var (start, quote) = (0, '\0');
        for (var i = 0; i <= text.Length; i++)
        {
            if (i < text.Length && quote != '\0')
                quote = text[i] == quote ? '\0' : quote;
            else if (i < text.Length && text[i] is '"' or '\'')
                quote = text[i];
            else if (i == text.Length || text[i] == ',')
            {
                if (text[start..i].Trim() is { Length: > 0 } item)
                    yield return item;
                start = i + 1;
            }
        }
    }

    static bool IsItem(string text) => text == "-" || text.StartsWith("- ", StringComparison.Ordinal);

    // The colon that ends a field's name: a blank or nothing follows it, and it is in no quotes.
    static int FindColon(string text)
    {
        var quote = '\0';
        for (var i = 0; i < text.Length; i++)
        {
            if (quote != '\0')
                quote = text[i] == quote ? '\0' : quote;
            else if (i == 0 && text[i] is '"' or '\'')
                quote = text[i];
            else if (text[i] == ':' && (i + 1 == text.Length || text[i + 1] == ' '))
                return i;
        }

        return -1;
    }

    static string WithoutComment(string line)
    {
        var quote = '\0';
        for (var i = 0; i < line.Length; i++)
        {
            if (quote != '\0')
                quote = line[i] == quote ? '\0' : quote;
            else if (line[i] is '"' or '\'' && (i == 0 || line[i - 1] is ' ' or '[' or ','))
                quote = line[i];
            else if (line[i] == '#' && (i == 0 || line[i - 1] == ' '))
                return line[..i];
        }

        return line;
    }

    string Unquote(int number, string text)
    {
        if (text is not ['"' or '\'', ..])
            return text;
        if (text.Length < 2 || text[^1] != text[0])
            throw Fault(number, $"{text} has a quote that is not closed");
        return text[0] == '\'' ? text[1..^1].Replace("''", "'", StringComparison.Ordinal) : text[1..^1].Replace("\\\"", "\"", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal);
    }

    UserErrorException Fault(int number, string what) => new($"Error: {_file}:{number}: {what}");
}
