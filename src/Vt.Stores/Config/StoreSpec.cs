using System.Text;
using Vt.Blocks.Contracts;

namespace Vt.Stores.Config;

/// <summary>
/// The text by which options, variables and settings name a store: <c>[clause]</c>, a path that starts with <c>/</c>,
/// <c>./</c>, <c>../</c> or <c>~/</c> and goes on to the end, an address such as <c>http://host/</c>, <c>type(key=value,...)</c>, or one of these in double quotes.
/// </summary>
public static class StoreSpec
{
    const string Forms = "[clause], /path, ./path, http://HOST/, datadir(path=...) or memory(max_data=...)";

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
        if (rest[0] is '/' or '~' or '.')
            return DataDirAt(rest.ToString(), origin);
        return Inline(rest, origin);
    }

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

    static ConfigClause DataDirAt(string path, ConfigOrigin origin)
    {
        if (path.EndsWith(".sock", StringComparison.Ordinal) || path.EndsWith(".vtd", StringComparison.Ordinal))
            throw new UserErrorException($"{origin}: '{path}' looks like a socket or a single data file; known store types: {StoreTypes.Known}");
        return new ConfigClause(
            path, origin, [new ConfigSetting(ConfigClause.TypeKey, DataDirSettings.Type, origin), new ConfigSetting("path", path, origin)]);
    }

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
    static ConfigClause Addressed(string text, StoreType type, ConfigOrigin origin) =>
        new(text, origin, [new ConfigSetting(ConfigClause.TypeKey, type.Name, origin), new ConfigSetting(type.AddressKey, text, origin)]);

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
            throw new UserErrorException($"{origin}: '{rest.Trim()}' follows the store spec; one store is all that can be named here");
    }
}
