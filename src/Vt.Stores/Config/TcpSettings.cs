using Vt.Blocks.Contracts;
using Vt.Stores.Streams.Transport;

namespace Vt.Stores.Config;

/// <summary>A store that a process on another machine serves at a TCP port.</summary>
/// <param name="Host">Its name or address.</param>
/// <param name="Port">The port.</param>
public sealed record TcpSettings(string Host, int Port) : StreamSettings
{
    /// <summary>The word for this type.</summary>
    public const string Type = "tcp";

    /// <summary>The port of servers that say no other.</summary>
    public const int StandardPort = 8420;

    /// <summary>The name of the file below basedir that has the secret, where none is said.</summary>
    public const string StandardSecret = "secret";

    internal const string AddressKey = "address";

    /// <inheritdoc/>
    public override string TypeName => Type;

    /// <inheritdoc/>
    public override string Name => $"tcp:{Host}:{Port}";

    /// <summary>The file that has the secret, absolute; where it is not there, there is none.</summary>
    public string? SecretFile { get; init; }

    /// <summary>Whether somebody said that file, so that it has to be there.</summary>
    public bool NeedsSecret { get; init; }

    /// <summary>The key that the server has to have.</summary>
    public KeyPin? ServerKey { get; init; }

    /// <summary>The file that has this client's key, absolute; null for none.</summary>
    public string? KeyFile { get; init; }

    /// <summary>How many connections are held.</summary>
    public int Connections { get; init; } = 1;

    internal static TcpSettings Read(ClauseReader clause)
    {
        var address = clause.Find(AddressKey);
        var (host, port, export) = address is null ? (clause.Text("host") ?? clause.Clause.Name, StandardPort, "") : Split(address);
        var pin = clause.Find("server_key");
        return new TcpSettings(CheckHost(host.Length == 0 ? "localhost" : host, address?.Origin ?? clause.Clause.Origin), clause.Number("port", 1, 65535, "port") ?? port)
        {
            Export = export,
            SecretFile = clause.Path("secret_file", StandardSecret),
            NeedsSecret = clause.Find("secret_file") is not null,
            ServerKey = pin is null ? null : KeyPin.TryParse(pin.Value) ?? throw new UserErrorException($"{pin.Origin}: '{pin.Value}' is no key; \"vt serve --show-key\" prints the server's"),
            KeyFile = clause.Path("key_file"),
            Connections = clause.Number("connections", 1, 64) ?? 1,
        }.With<TcpSettings>(clause);
    }

    /// <summary>Reads <c>tcp:HOST:PORT</c>, <c>tcp:[ADDRESS]:PORT</c> and <c>tcp://HOST:PORT/EXPORT</c>; the port and what is behind it may be left out.</summary>
    /// <exception cref="UserErrorException">It is none of these.</exception>
    public static (string Host, int Port, string Export) Split(ConfigSetting address)
    {
        var rest = address.Value.StartsWith("tcp://", StringComparison.Ordinal) ? address.Value["tcp://".Length..]
            : address.Value.StartsWith("tcp:", StringComparison.Ordinal) ? address.Value["tcp:".Length..]
            : address.Value;
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var export = slash < 0 ? "" : rest[(slash + 1)..];
        rest = slash < 0 ? rest : rest[..slash];
        var end = rest.StartsWith('[') ? rest.IndexOf(']', StringComparison.Ordinal) + 1 : rest.IndexOf(':', StringComparison.Ordinal) is var colon and >= 0 ? colon : rest.Length;
        if (end <= 0 && rest.StartsWith('['))
            throw new UserErrorException($"{address.Origin}: '{address.Value}' has no closing ]");
        var host = rest[..end].TrimStart('[').TrimEnd(']');
        var port = StandardPort;
        if (end < rest.Length && (rest[end] != ':' || !int.TryParse(rest[(end + 1)..], out port) || port is < 0 or > 65535))
            throw new UserErrorException($"{address.Origin}: '{address.Value}' is no address; write tcp:HOST:PORT, or tcp:[ADDRESS]:PORT for IPv6");
        return (host, port, export);
    }
}
