using Vt.Blocks.Contracts;

namespace Vt.Stores.Config;

/// <summary>A store that another process serves.</summary>
public abstract record StreamSettings : StoreSettings
{
    /// <summary>Which of the server's stores; empty for its first.</summary>
    public string Export { get; init; } = "";

    /// <summary>How long calls wait for a connection that was lost; the default when null.</summary>
    public TimeSpan? Patience { get; init; }

    /// <summary>Whether blocks are offered by name before their bytes are sent; what suits the kind of line, and what was added so far, when null.</summary>
    public bool? AsksFirst { get; init; }

    /// <summary>Refuses what no machine can be called, and what programs would take for an option.</summary>
    private protected static string CheckHost(string host, ConfigOrigin origin) =>
        host.Length > 0 && host[0] != '-' && !host.Any(static c => char.IsWhiteSpace(c) || char.IsControl(c) || c == '/')
            ? host
            : throw new UserErrorException($"{origin}: '{host}' is no machine's name or address");

    private protected T With<T>(ClauseReader clause)
        where T : StreamSettings => (T)this with
        {
            Export = Export.Length > 0 ? Export : clause.Text("export") ?? "",
            Patience = clause.Seconds("timeout", 1, 24 * 3600),
            AsksFirst = clause.Switch("ask_first"),
        };
}
