using System.Globalization;
using Vt.Blocks.Contracts;

namespace Vt.Stores.Config;

/// <summary>A store on a machine that ssh reaches, where vt is installed too.</summary>
/// <param name="Host">What ssh calls the machine, perhaps with a user before it.</param>
public sealed record SshSettings(string Host) : StreamSettings
{
    /// <summary>The word for this type.</summary>
    public const string Type = "ssh";

    internal const string UrlKey = "url";

    // Of 2 MiB each, which is what OpenSSH lets a channel have on its way.
    const int StandardChannels = 16;

    /// <inheritdoc/>
    public override string TypeName => Type;

    /// <inheritdoc/>
    public override string Name => $"ssh://{Host}";

    /// <summary>The port; what ssh's own settings say when null.</summary>
    public int? Port { get; init; }

    /// <summary>The store there, as its <c>-S</c> takes it; empty for the one that its own settings name.</summary>
    public string Store { get; init; } = "";

    /// <summary>What is run there.</summary>
    public string Program { get; init; } = "vt";

    /// <summary>The ssh here.</summary>
    public string Ssh { get; init; } = "ssh";

    /// <summary>A file of ssh's own settings; what ssh uses anyway when null.</summary>
    public string? SshConfig { get; init; }

    /// <summary>How many connections are held.</summary>
    public int Connections { get; init; } = 1;

    /// <summary>How many channels of a single connection carry blocks at a time at most, where ssh may forward sockets.</summary>
    public int Channels { get; init; } = StandardChannels;

    /// <summary>How many channels there are beyond the connection's own; of several connections, of which any may have started the server, each has but that.</summary>
    internal int FurtherChannels => Connections == 1 ? Channels - 1 : 0;

    /// <summary>Those arguments of ssh that say where its settings and the port are.</summary>
    internal IEnumerable<string> PlaceArguments
    {
        get
        {
            if (SshConfig is not null)
            {
                yield return "-F";
                yield return SshConfig;
            }

            if (Port is { } port)
            {
                yield return "-p";
                yield return port.ToString(CultureInfo.InvariantCulture);
            }
        }
    }

    /// <summary>The arguments of ssh.</summary>
    /// <param name="session">What the connections of one opened store have in common.</param>
    /// <param name="further">Options besides.</param>
    /// <param name="channels">The sockets here and there between which further channels go; null where there are to be none.</param>
    public IReadOnlyList<string> ArgumentsFor(string session, IEnumerable<string>? further = null, (string Here, string There)? channels = null)
    {
        var arguments = new List<string> { "-T", "-o", "BatchMode=yes", "-o", "ServerAliveInterval=15" };
        arguments.AddRange(PlaceArguments);
        arguments.AddRange(further ?? []);
        var remote = Program + (Store.Length > 0 ? $" -S {Quote(Store)}" : "") + $" serve -{(Connections > 1 ? $" --join {session}" : "")}";
        if (channels is var (here, there))
        {
            arguments.AddRange(["-o", "ExitOnForwardFailure=no", "-L", $"{here}:{there}"]);
            remote += $" --channels {there}";
        }

        arguments.AddRange(["--", Host, remote]);
        return arguments;
    }

    internal static SshSettings Read(ClauseReader clause)
    {
        var url = clause.Find(UrlKey);
        var (host, port, store) = url is null ? (clause.Text("host") ?? clause.Clause.Name, null, "") : Split(url);
        host = CheckHost(host, (url ?? clause.Clause.Find("host"))?.Origin ?? clause.Clause.Origin);
        return new SshSettings(host)
        {
            Port = clause.Number("port", 1, 65535, "port") ?? port,
            Store = clause.Text("store") ?? store,
            Program = clause.Text("program") ?? "vt",
            Ssh = clause.Text("ssh") ?? "ssh",
            SshConfig = clause.Path("ssh_config"),
            Connections = clause.Number("connections", 1, 64) ?? 1,
            Channels = clause.Number("channels", 1, 64) ?? StandardChannels,
        }.With<SshSettings>(clause);
    }

    // ssh://[USER@]HOST[:PORT][/PATH], where /~/x lies in the home folder there, and /[clause] is a clause of the settings there.
    static (string Host, int? Port, string Store) Split(ConfigSetting url)
    {
        var rest = url.Value.StartsWith("ssh://", StringComparison.Ordinal)
            ? url.Value["ssh://".Length..]
            : throw new UserErrorException($"{url.Origin}: '{url.Value}' is no address; write ssh://[USER@]HOST[:PORT][/PATH]");
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var store = slash < 0 ? "" : rest[slash..];
        var host = slash < 0 ? rest : rest[..slash];
        int? port = null;
        if (host.LastIndexOf(':') is var colon and > 0 && !host.EndsWith(']'))
        {
            port = int.TryParse(host[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and < 65536
                ? number
                : throw new UserErrorException($"{url.Origin}: '{host[(colon + 1)..]}' is no port");
            host = host[..colon];
        }

        return (host.Replace("[", "", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal), port, store is ['/', '~' or '[', ..] ? store[1..] : store is "/" ? "" : store);
    }

    // For the shell there.
    static string Quote(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
