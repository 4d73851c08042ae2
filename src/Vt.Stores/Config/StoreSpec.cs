using System.Text;
using Vt.Blocks.Contracts;

namespace Vt.Stores.Config;

/// <summary>
/// The text by which options, variables and settings name a store: <c>[clause]</c>, a path that starts with <c>/</c>,
/// <c>./</c>, <c>../</c> or <c>~/</c> and goes on to the end, an address that begins with a scheme, <c>|</c> and a shell command, both to the end too,
/// <c>type(key=value,...)</c>, one of these in double quotes, or several of these with commas between them, which is a proxy store: the first keeps and
/// gives, the others give what it has not got.
/// </summary>
public static class StoreSpec
{
    const string Forms = "[clause], /path, ./path, /path.sock, file:name.vtd, tcp:host:port, ssh://host/path, http://host/, s3://bucket/prefix, |command or type(key=value, ...)";

    /// <summary>Reads a spec into the clause that it names or spells out.</summary>
    /// <param name="text">The spec.</param>
    /// <param name="origin">Where it is written, for errors.</param>
    /// <param name="clauses">Finds a clause by name.</param>
    /// <exception cref="UserErrorException">The text is no spec, or names a clause or type that is not known.</exception>
    public static ConfigClause Parse(string text, ConfigOrigin origin, Func<string, ConfigClause?> clauses)
    {
        var rest = text.AsSpan().Trim();
        if (rest.IsEmpty)
            throw new UserErrorException($"{origin}: the store spec is empty; write {Forms}");
        var chain = Split(text, origin);
        if (chain.Count > 1)
            return Chained(text.Trim(), chain, origin);
        if (rest[0] == '"')
        {
            var inner = TakeQuoted(ref rest, origin);
            RequireEnd(rest, origin);
            if (inner.StartsWith('"'))
                throw new UserErrorException($"{origin}: a store spec is quoted twice");
            return Parse(inner, origin, clauses);
        }

        if (rest[0] == '[')
            return FindClause(rest, origin, clauses);
        if (rest[0] == '|')
            return OneSetting(rest.ToString(), CommandSettings.Type, CommandSettings.CommandKey, rest[1..].Trim().ToString(), origin);
        if (rest[0] is '/' or '~' or '.')
            return PathTo(rest.ToString(), origin);
        return Inline(rest, origin);
    }

    /// <summary>
    /// Cuts a chain at its commas: not at those inside brackets, parentheses or quotes, and not behind the start of a path or an address, which goes on to the end.
    /// </summary>
    /// <param name="text">The chain.</param>
    /// <param name="origin">Where it is written, for errors.</param>
    /// <param name="withPatterns">Whether patterns may follow clauses.</param>
    /// <exception cref="UserErrorException">A part is empty or does not end.</exception>
    public static IReadOnlyList<string> Split(string text, ConfigOrigin origin, bool withPatterns = false)
    {
        var parts = new List<string>();
        var rest = text.AsSpan().Trim();
        while (true)
        {
            var length = LengthOfFirst(rest, origin, withPatterns);
            var part = rest[..length].Trim();
            if (part.IsEmpty)
                throw new UserErrorException($"{origin}: a store of the chain '{text}' is empty; write {Forms}");
            parts.Add(part.ToString());
            if (length == rest.Length)
                return parts;
            rest = rest[(length + 1)..].TrimStart();
        }
    }

    // Up to the comma, or to the end where there is none: what is wrong with a part is found by whoever reads it.
    static int LengthOfFirst(ReadOnlySpan<char> rest, ConfigOrigin origin, bool withPatterns)
    {
        var at = 0;
        if (rest.IsEmpty || rest[0] is '/' or '~' or '.' or '|')
            return rest.Length;
        if (rest[0] == '"')
        {
            var behind = rest;
            TakeQuoted(ref behind, origin);
            at = rest.Length - behind.Length;
        }
        else if (rest[0] != '[')
        {
            while (at < rest.Length && (char.IsAsciiLetterOrDigit(rest[at]) || rest[at] is '_' or '-'))
                at++;
            if (at < rest.Length && rest[at] == ':')
                return rest.Length;
        }

        var (depth, isClause) = (0, false);
        for (; at < rest.Length; at++)
        {
            if (rest[at] == '"' && (depth > 0 || isClause))
            {
                var behind = rest[at..];
                TakeQuoted(ref behind, origin);
                at = rest.Length - behind.Length - 1;
                continue;
            }

            if (rest[at] == ',' && depth == 0 && !isClause)
                return at;
            isClause = depth == 0 && (rest[at] == '[' || (isClause && rest[at] != ']'));
            depth += withPatterns || isClause ? 0 : rest[at] == '(' ? 1 : rest[at] == ')' && depth > 0 ? -1 : 0;
        }

        return rest.Length;
    }

    static ConfigClause Chained(string text, IReadOnlyList<string> chain, ConfigOrigin origin) => new(
        text,
        origin,
        [
            new ConfigSetting(ConfigClause.TypeKey, ProxySettings.Type, origin),
            new ConfigSetting(ProxySettings.SaveKey, chain[0], origin),
            new ConfigSetting(ProxySettings.ReadKey, chain[0], origin),
            new ConfigSetting(ProxySettings.ReadElseKey, string.Join(',', chain.Skip(1)), origin),
        ]);

    static ConfigClause FindClause(ReadOnlySpan<char> rest, ConfigOrigin origin, Func<string, ConfigClause?> clauses)
    {
        rest = rest[1..].TrimStart();
        string name;
        if (!rest.IsEmpty && rest[0] == '"')
        {
            name = TakeQuoted(ref rest, origin);
            rest = rest.TrimStart();
            if (rest.IsEmpty || rest[0] != ']')
                throw new UserErrorException($"{origin}: the clause's name has no closing ]");
        }
        else
        {
            var end = rest.IndexOf(']');
            if (end < 0)
                throw new UserErrorException($"{origin}: the clause's name has no closing ]");
            name = rest[..end].TrimEnd().ToString();
            rest = rest[end..];
        }

        RequireEnd(rest[1..], origin);
        return clauses(name) ?? throw new UserErrorException($"{origin}: there is no clause [{name}]; vt config shows those that are");
    }

    static ConfigClause PathTo(string path, ConfigOrigin origin)
    {
        if (path.EndsWith(SocketSettings.Suffix, StringComparison.Ordinal))
            return OneSetting(path, SocketSettings.Type, SocketSettings.PathKey, path, origin);
        if (path.EndsWith(PackFileSettings.Suffix, StringComparison.Ordinal))
            return OneSetting(path, PackFileSettings.Type, PackFileSettings.PathKey, path, origin);
        return OneSetting(path, DataDirSettings.Type, DataDirSettings.PathKey, path, origin);
    }

    static ConfigClause OneSetting(string text, string type, string key, string value, ConfigOrigin origin) =>
        new(text, origin, [new ConfigSetting(ConfigClause.TypeKey, type, origin), new ConfigSetting(key, value, origin)]);

    static ConfigClause Inline(ReadOnlySpan<char> rest, ConfigOrigin origin)
    {
        var whole = rest.ToString();
        var length = 0;
        while (length < rest.Length && (char.IsAsciiLetterOrDigit(rest[length]) || rest[length] is '_' or '-'))
            length++;
        var type = rest[..length].ToString();
        rest = rest[length..].TrimStart();
        if (!rest.IsEmpty && rest[0] == ':' && StoreTypes.FindScheme(type) is { } addressed)
            return Addressed(whole, addressed, origin);

        // A file's name alone, which is no word of anything else.
        if (whole.EndsWith(PackFileSettings.Suffix, StringComparison.Ordinal) && !whole.AsSpan().ContainsAny("(\""))
            return PathTo("./" + whole, origin);
        if (StoreTypes.Find(type) is not { } known)
            throw new UserErrorException($"{origin}: '{whole}' names no store type that is known; write {Forms}");
        if (rest.IsEmpty || rest[0] != '(')
            throw new UserErrorException($"{origin}: '{type}' must be followed by its settings, as in {type}(key=value)");
        rest = rest[1..].TrimStart();
        var settings = new List<ConfigSetting> { new(ConfigClause.TypeKey, type, origin) };
        while (!rest.IsEmpty && rest[0] != ')')
        {
            settings.Add(TakeSetting(ref rest, settings, origin));
            rest = rest.TrimStart();
            if (!rest.IsEmpty && rest[0] == ',')
                rest = rest[1..].TrimStart();
            else if (!rest.IsEmpty && rest[0] != ')')
                throw new UserErrorException($"{origin}: '{rest}' where a comma or ) should be");
        }

        if (rest.IsEmpty)
            throw new UserErrorException($"{origin}: '{whole}' has no closing )");
        RequireEnd(rest[1..], origin);
        foreach (var needed in known.Needed)
        {
            if (!settings.Exists(s => s.Key == needed))
                throw new UserErrorException($"{origin}: '{whole}' needs a {needed}");
        }

        return new ConfigClause(whole, origin, settings);
    }

    // An address goes on to the end, as a path does; what follows it in a chain makes it stand in quotes.
    static ConfigClause Addressed(string text, StoreType type, ConfigOrigin origin) => OneSetting(text, type.Name, type.AddressKey, text, origin);

    static ConfigSetting TakeSetting(ref ReadOnlySpan<char> rest, List<ConfigSetting> before, ConfigOrigin origin)
    {
        var equals = rest.IndexOf('=');
        if (equals <= 0)
            throw new UserErrorException($"{origin}: '{rest}' where key=value should be");
        var key = rest[..equals].Trim().ToString();
        if (before.Exists(s => s.Key == key))
            throw new UserErrorException($"{origin}: '{key}' is set twice");
        rest = rest[(equals + 1)..].TrimStart();
        if (!rest.IsEmpty && rest[0] == '"')
            return new ConfigSetting(key, TakeQuoted(ref rest, origin), origin);
        var end = rest.IndexOfAny(',', ')');
        if (end < 0)
            throw new UserErrorException($"{origin}: '{key}={rest}' has no closing )");
        var value = rest[..end].TrimEnd().ToString();
        rest = rest[end..];
        return new ConfigSetting(key, value, origin);
    }

    static string TakeQuoted(ref ReadOnlySpan<char> rest, ConfigOrigin origin)
    {
        var value = new StringBuilder();
        for (var i = 1; i < rest.Length; i++)
        {
            if (rest[i] == '"')
            {
                rest = rest[(i + 1)..];
                return value.ToString();
            }

            if (rest[i] == '\\' && i + 1 < rest.Length && rest[i + 1] is '"' or '\\')
                i++;
            value.Append(rest[i]);
        }

        throw new UserErrorException($"{origin}: '{rest}' has no closing quote");
    }

    static void RequireEnd(ReadOnlySpan<char> rest, ConfigOrigin origin)
    {
        if (!rest.Trim().IsEmpty)
            throw new UserErrorException($"{origin}: '{rest.Trim()}' follows the store spec; a comma stands between the stores of a chain");
    }
}
