using System.Globalization;
using System.Net;
using Vt.Blocks.Contracts;

namespace Vt.Hosts.HttpServer;

/// <summary>Where a server listens: a port of an address of this machine, or a unix socket.</summary>
/// <param name="EndPoint">The address and port; null for a unix socket.</param>
/// <param name="Socket">The socket's path; null for a port.</param>
public sealed record HttpAddress(IPEndPoint? EndPoint, string? Socket)
{
    /// <summary>The port where none is said.</summary>
    public const int UsualPort = 5080;

    const string SocketPrefix = "unix:";

    /// <summary>Whether only this machine gets there.</summary>
    public bool IsLocal => EndPoint is null || IPAddress.IsLoopback(EndPoint.Address);

    /// <summary>Reads <c>HOST</c>, <c>HOST:PORT</c>, <c>[ADDRESS]:PORT</c>, <c>:PORT</c>, which is all addresses, or <c>unix:PATH</c>.</summary>
    /// <param name="text">The address.</param>
    /// <param name="expand">Makes a path absolute.</param>
    /// <exception cref="UserErrorException">It is none.</exception>
    public static HttpAddress Parse(string text, Func<string, string> expand)
    {
        if (text.StartsWith(SocketPrefix, StringComparison.Ordinal))
            return text.Length > SocketPrefix.Length ? new HttpAddress(null, expand(text[SocketPrefix.Length..])) : throw Fault(text);
        var colon = text.LastIndexOf(':');
        var isBare = IPAddress.TryParse(text, out _) || colon < 0;
        var host = (isBare ? text : text[..colon]).Trim('[', ']');
        var port = UsualPort;
        if (!isBare && (!int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) || port > IPEndPoint.MaxPort))
            throw Fault(text);
        return new HttpAddress(new IPEndPoint(AddressOf(host) ?? throw Fault(text), port), null);
    }

    /// <inheritdoc/>
    public override string ToString() => Socket is null ? EndPoint!.ToString() : SocketPrefix + Socket;

    static IPAddress? AddressOf(string host) => host switch
    {
        "localhost" => IPAddress.Loopback,
        "" or "*" => IPAddress.IPv6Any,
        _ => IPAddress.TryParse(host, out var address) ? address : null,
    };

    static UserErrorException Fault(string text) =>
        new($"'{text}' is no address to listen at; write 127.0.0.1:{UsualPort}, localhost:8080, [::1]:8080, :8080 for all addresses, or {SocketPrefix}/run/vt.sock");
}
