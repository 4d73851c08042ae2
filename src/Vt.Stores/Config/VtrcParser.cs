using System.Text;
using System.Text.Unicode;
using Vt.Blocks.Contracts;

namespace Vt.Stores.Config;

/// <summary>
/// Reads the form of a <c>.vtrc</c> file: <c>[clause]</c> lines, <c>key = value</c> lines, comments. What the clauses and keys
/// mean is not its business. It is strict, since a misread line could send data to the wrong place: whatever it does not
/// understand is an error that names the file and the line.
/// </summary>
/// <remarks>
/// A comment starts with <c>#</c> or <c>;</c> at the start of a line or after a blank. A value may stand in double quotes, in
/// which <c>\"</c> and <c>\\</c> stand for a quote and a backslash; then it may hold anything but a line end.
/// </remarks>
public static class VtrcParser
{
    /// <summary>The longest file that is read, in bytes.</summary>
    public const int LongestFile = 1 << 20;

    /// <summary>Reads a file's content.</summary>
    /// <param name="content">The bytes, UTF-8.</param>
    /// <param name="file">The path that errors and origins name.</param>
    /// <exception cref="UserErrorException">A line is not of the form.</exception>
    public static IReadOnlyList<ConfigClause> Parse(ReadOnlySpan<byte> content, string file)
    {
        if (content.Length > LongestFile)
            throw new UserErrorException($"{file}: longer than {LongestFile} bytes, which no configuration is");
        var clauses = new List<ConfigClause>();
        List<ConfigSetting>? settings = null;
        var number = 0;
        foreach (var range in content.Split((byte)'\n'))
        {
            var origin = new ConfigOrigin(ConfigSource.File, file, ++number);
            var line = TextOf(content[range], origin);
            var rest = line.AsSpan().Trim();
            if (rest.IsEmpty || rest[0] is '#' or ';')
                continue;
            if (char.IsWhiteSpace(line[0]))
                throw Fault(origin, "a line that starts with a blank would continue the one before; write each setting on one line");
            if (rest[0] == '[')
            {
                settings = [];
                clauses.Add(new ConfigClause(ClauseName(rest, clauses, origin), origin, settings));
            }
            else if (settings is null)
            {
                throw Fault(origin, "a setting stands before the first [clause]");
            }
            else
            {
                settings.Add(Setting(rest, settings, origin));
            }
        }

        return clauses;
    }

    /// <summary>A value as the file would have to hold it: bare where that reads back the same, otherwise in quotes.</summary>
    public static string Quote(string value)
    {
        var bare = value.Length > 0 && value[0] != '"' && value.AsSpan().Trim().Length == value.Length;
        for (var i = 0; bare && i < value.Length; i++)
            bare = !(value[i] is '#' or ';' && (i == 0 || char.IsWhiteSpace(value[i - 1])));
        return bare ? value : $"\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
    }

    static string TextOf(ReadOnlySpan<byte> line, ConfigOrigin origin)
    {
        if (origin.Line == 1 && line.StartsWith("\uFEFF"u8))
            line = line[3..];
        if (line.EndsWith("\r"u8))
            line = line[..^1];
        if (!Utf8.IsValid(line))
            throw Fault(origin, "the line is not UTF-8 text");
        var text = Encoding.UTF8.GetString(line);
        foreach (var c in text)
        {
            if (char.IsControl(c) && c != '\t')
                throw Fault(origin, $"the line holds the control character 0x{(int)c:x2}");
        }

        return text;
    }

    static string ClauseName(ReadOnlySpan<char> text, List<ConfigClause> before, ConfigOrigin origin)
    {
        var end = text.IndexOf(']');
        if (end < 0)
            throw Fault(origin, "the clause's name has no closing ]");
        if (!IsComment(text[(end + 1)..]))
            throw Fault(origin, $"'{text[(end + 1)..].Trim()}' follows the clause's name");
        var name = text[1..end].Trim().ToString();
        if (name.Length == 0)
            throw Fault(origin, "the clause has no name");
        foreach (var other in before)
        {
            if (other.Name == name)
                throw Fault(origin, $"clause [{name}] is there already, at line {other.Origin.Line}");
        }

        return name;
    }

    static ConfigSetting Setting(ReadOnlySpan<char> text, List<ConfigSetting> before, ConfigOrigin origin)
    {
        var equals = text.IndexOfAny('=', ':');
        if (equals < 0)
            throw Fault(origin, $"'{text}' is neither a [clause] nor a key = value");
        var key = text[..equals].Trim().ToString();
        if (key.Length == 0)
            throw Fault(origin, "the setting has no name");
        foreach (var other in before)
        {
            if (other.Key == key)
                throw Fault(origin, $"'{key}' is set already, at line {other.Origin.Line}");
        }

        return new ConfigSetting(key, Value(text[(equals + 1)..].Trim(), origin), origin);
    }

    static string Value(ReadOnlySpan<char> text, ConfigOrigin origin)
    {
        if (!text.IsEmpty && text[0] == '"')
            return QuotedValue(text, origin);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is '#' or ';' && (i == 0 || char.IsWhiteSpace(text[i - 1])))
                return text[..i].TrimEnd().ToString();
        }

        return text.ToString();
    }

    static string QuotedValue(ReadOnlySpan<char> text, ConfigOrigin origin)
    {
        var value = new StringBuilder();
        for (var i = 1; i < text.Length; i++)
        {
            if (text[i] == '"')
            {
                if (!IsComment(text[(i + 1)..]))
                    throw Fault(origin, $"'{text[(i + 1)..].Trim()}' follows the closing quote");
                return value.ToString();
            }

            if (text[i] == '\\')
            {
                i++;
                if (i == text.Length || text[i] is not ('"' or '\\'))
                    throw Fault(origin, "in quotes, a backslash stands only before a quote or a backslash");
            }

            value.Append(text[i]);
        }

        throw Fault(origin, "the value has no closing quote");
    }

    static bool IsComment(ReadOnlySpan<char> rest)
    {
        var trimmed = rest.TrimStart();
        return trimmed.IsEmpty || (trimmed.Length < rest.Length && trimmed[0] is '#' or ';');
    }

    static UserErrorException Fault(ConfigOrigin origin, string what) => new($"{origin}: {what}");
}
