using System.Globalization;
using System.Net;
using Vt.Blocks.Contracts;
using Vt.Stores.Config;

namespace Vt.References;

/// <summary>
/// What stands between <c>x-vt://</c> and the next slash: the name of a clause, or a host with a port or without where a vt httpd serves. It is letters, digits and
/// <c>-._</c>, never a command, never an option, and is taken for nothing else.
/// </summary>
static class UriAuthority
{
    const int LongestName = 253;
    const int LargestPort = 65535;

    /// <summary>What is wrong with a text as an authority.</summary>
    /// <returns>Null where nothing is.</returns>
    public static string? FaultOf(string text)
    {
        var (host, port) = Split(text);
        if (port is not null && !(int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= LargestPort))
            return $"'{port}' is no port";
        if (host is ['[', .., ']'])
            return IPAddress.TryParse(host[1..^1], out _) && !host.Contains('%', StringComparison.Ordinal) ? null : $"'{host}' is no address";
        return host.Length is > 0 and <= LongestName && char.IsAsciiLetterOrDigit(host[0]) && host.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_')
            ? null
            : $"'{text}' is neither a clause of the settings nor a host: letters, digits and -._, beginning with a letter or digit, and a port behind a colon";
    }

    /// <summary>The store that an authority names.</summary>
    /// <param name="authority">The authority, in which nothing is wrong.</param>
    /// <param name="configuration">The settings.</param>
    /// <exception cref="UserErrorException">The clause runs a command.</exception>
    public static StoreSettings StoreOf(string authority, Configuration configuration)
    {
        var origin = ConfigOrigin.OfOption($"x-vt://{authority}/");
        if (configuration.FindClause(authority) is null)
            return configuration.Resolve($"{SchemeOf(authority)}://{authority}/", origin);
        var settings = configuration.Resolve($"[{authority}]", origin);

        // Whoever wrote the URI is not who wrote the settings.
        return StoreFactory.RunsCommand(settings)
            ? throw new UserErrorException($"x-vt://{authority}/: the clause [{authority}] runs a command, which no URI does; name the store with -S '[{authority}]'")
            : settings;
    }

    // Names are taken on trust from who answers: in the open only on this machine.
    static string SchemeOf(string authority)
    {
        var (host, _) = Split(authority);
        var isHere = host == "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
        return isHere ? "http" : "https";
    }

    static (string Host, string? Port) Split(string text)
    {
        var colon = text.LastIndexOf(':');
        return colon < 0 || text.EndsWith(']') ? (text, null) : (text[..colon], text[(colon + 1)..]);
    }
}
