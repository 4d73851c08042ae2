using System.Buffers;
using System.Text;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Commands;
using Vt.Stores.Config;

namespace Vt.Remotes;

/// <summary>A store by which this one is kept in step with another place: a clause of the configuration, or a store spec.</summary>
/// <param name="Text">How commands name it.</param>
/// <param name="Label">How revisions name it: in REMOTE/BRANCH.</param>
/// <param name="Settings">How it is opened.</param>
sealed record RemotePlace(string Text, string Label, StoreSettings Settings)
{
    /// <summary>What stands for the remote that the settings choose.</summary>
    public const string Usual = "-";

    const int LongestLabel = 40;

    // A word without any of these is a clause's name.
    static readonly SearchValues<char> _specSigns = SearchValues.Create("/:|(,\"[");

    /// <summary>Finds a remote.</summary>
    /// <param name="context">The command.</param>
    /// <param name="text">A clause's name, with brackets or without, or a store spec; null or <see cref="Usual"/> for the one that the settings choose.</param>
    /// <exception cref="UserErrorException">There is no such remote, or none was chosen.</exception>
    public static RemotePlace Find(CommandContext context, string? text)
    {
        var configuration = context.Configuration;
        var origin = ConfigOrigin.OfOption("REMOTE");
        if (text is null or Usual)
            (text, origin) = UsualOf(configuration);
        var clause = configuration.FindClause(text.Trim('[', ']'));
        var settings = clause is not null ? configuration.Resolve($"[{clause.Name}]", origin) : Resolve(configuration, text, origin);
        if (settings.Equals(context.StoreSettings) || settings.Equals(configuration.Resolve(configuration.Store)))
            throw new UserErrorException($"{text} is the store itself: name another one, or choose another store with -S");
        return new RemotePlace(clause?.Name ?? text, LabelOf(clause?.Name ?? text), settings);
    }

    /// <summary>The clauses that are not the store itself, nor what comes with every configuration.</summary>
    public static IEnumerable<ConfigClause> List(Configuration configuration)
    {
        var store = configuration.Resolve(configuration.Store);
        foreach (var clause in configuration.Clauses)
        {
            if (clause.Origin.Source != ConfigSource.BuiltIn && !configuration.Resolve($"[{clause.Name}]", clause.Origin).Equals(store))
                yield return clause;
        }
    }

    static (string Text, ConfigOrigin Origin) UsualOf(Configuration configuration)
    {
        if (configuration.Remote.Value.Length > 0)
            return (configuration.Remote.Value, configuration.Remote.Origin);
        var clauses = List(configuration).ToList();
        if (clauses is [var only])
            return (only.Name, only.Origin);
        throw new UserErrorException(clauses.Count == 0
            ? "no remote is known: name a store, or write a clause for it into the configuration"
            : $"several remotes are known: {string.Join(", ", clauses.Select(static clause => clause.Name))}; name one, or choose it with remote = NAME in [GLOBAL]");
    }

    static StoreSettings Resolve(Configuration configuration, string text, ConfigOrigin origin)
    {
        if (text.AsSpan().ContainsAny(_specSigns))
            return configuration.Resolve(text, origin);
        throw new UserErrorException(
            $"there is no remote '{text}': {(List(configuration).Select(static clause => clause.Name).ToList() is { Count: > 0 } known ? $"the configuration has {string.Join(", ", known)}" : "the configuration has none")}; a folder is written ./{text}");
    }

    // What a branch's name may have; a spec's hash tells it from others that look alike.
    static string LabelOf(string text)
    {
        var label = new StringBuilder();
        foreach (var c in text)
        {
            if (char.IsAsciiLetterOrDigit(c) || (label.Length > 0 && (c is '_' || (c is '-' or '.' && label[^1] is not ('-' or '.')))))
                label.Append(c);
        }

        if (label.ToString() == text && text.Length <= LongestLabel)
            return text;
        var hash = HashAlgorithms.GetHasher(HashAlgorithms.Default).Hash(Encoding.UTF8.GetBytes(text)).ToShortString()[..8];
        return $"{(label.Length > 16 ? label.ToString(label.Length - 16, 16).TrimStart('-', '.', '_') : label.ToString())}-{hash}";
    }
}
