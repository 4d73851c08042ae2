using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Vt.Hosts.HttpServer;

/// <summary>Tells who may ask.</summary>
/// <param name="options">What the server was told.</param>
sealed class Doorkeeper(HttpServerOptions options)
{
    const string Bearer = "Bearer ";
    const string Basic = "Basic ";

    // Compared by their hashes, which are equally long, so that the time that it takes tells nothing.
    readonly byte[]? _token = options.Token is { } token ? SHA256.HashData(Encoding.UTF8.GetBytes(token)) : null;

    /// <summary>Refuses who may not ask.</summary>
    /// <exception cref="RefusalException">Who asks may not.</exception>
    public void Check(Exchange exchange)
    {
        if (_token is null)
        {
            CheckHost(exchange.Request);
            return;
        }

        if (TokenOf(exchange.Request.Headers.Authorization.ToString()) is { } shown && CryptographicOperations.FixedTimeEquals(SHA256.HashData(shown), _token))
            return;
        exchange.Response.Headers.WWWAuthenticate = "Basic realm=\"vt\", charset=\"UTF-8\", Bearer realm=\"vt\"";
        throw new RefusalException(StatusCodes.Status401Unauthorized, "a token is wanted: as Authorization: Bearer TOKEN, or as the password of any user");
    }

    // A site whose name its owner lets stand for 127.0.0.1 would else be read as if it were ours. It can't have an address as its name.
    void CheckHost(HttpRequest request)
    {
        var host = request.Host.Host;
        if (options.TakesAnyHost || host.Length == 0 || host == "localhost" || host.EndsWith(".localhost", StringComparison.Ordinal) || IPAddress.TryParse(host.Trim('[', ']'), out _))
            return;
        throw new RefusalException(StatusCodes.Status421MisdirectedRequest, "without a token this server is asked as localhost or by its address");
    }

    // A browser asks its user for a name and a password, of which only that counts.
    static byte[]? TokenOf(string header)
    {
        if (header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
            return Encoding.UTF8.GetBytes(header[Bearer.Length..].Trim());
        if (!header.StartsWith(Basic, StringComparison.OrdinalIgnoreCase))
            return null;
        var coded = header.AsSpan(Basic.Length).Trim();
        var plain = new byte[coded.Length];
        if (!Convert.TryFromBase64Chars(coded, plain, out var length))
            return null;
        var colon = plain.AsSpan(0, length).IndexOf((byte)':');
        return colon < 0 ? null : plain[(colon + 1)..length];
    }
}
