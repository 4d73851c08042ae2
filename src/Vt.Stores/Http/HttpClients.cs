using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Vt.Blocks.Contracts;
using Vt.Posix;
using Vt.Stores.Config;

namespace Vt.Stores.Http;

/// <summary>Makes the client of a store on the web: how it connects, whom it trusts, what it shows.</summary>
static class HttpClients
{
    const int LongestToken = 4096;

    public static HttpClient Create(HttpSettings settings)
    {
        var handler = new SocketsHttpHandler
        {
            // A token is for the server that was named and no other.
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = settings.Socket is null,
            MaxConnectionsPerServer = settings.Parallel,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            ConnectTimeout = settings.Timeout < TimeSpan.FromSeconds(10) ? settings.Timeout : TimeSpan.FromSeconds(10),
            MaxResponseHeadersLength = 64,
            AutomaticDecompression = DecompressionMethods.None,
        };
        if (settings.Socket is { } path)
            handler.ConnectCallback = (_, cancellationToken) => ConnectAsync(path, cancellationToken);
        if (settings.Pin is { } pin)
            handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is X509Certificate2 shown && IsPinned(shown, pin);
        else if (settings.CaFile is { } file)
            handler.SslOptions.CertificateChainPolicy = PolicyOf(file);
        var client = new HttpClient(handler) { BaseAddress = settings.Url, Timeout = Timeout.InfiniteTimeSpan };
        if (settings.TokenFile is { } tokenFile)
            client.DefaultRequestHeaders.Authorization = new System.Net.Http.Headers.AuthenticationHeaderValue("Bearer", ReadToken(tokenFile));
        client.DefaultRequestHeaders.Add(HttpWire.ProtocolHeader, "1");
        return client;
    }

    /// <summary>Reads a token from its file: the first line.</summary>
    /// <exception cref="UserErrorException">There is none.</exception>
    public static string ReadToken(string file)
    {
        try
        {
            using var reader = new StreamReader(file);
            var token = reader.ReadLine()?.Trim() ?? "";
            if (token.Length is 0 or > LongestToken || token.Any(static c => c is <= ' ' or > '~'))
                throw new UserErrorException($"{file}: the first line is no token, which has 1 to {LongestToken} printable characters without blanks");
            return token;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{file}: the token can't be read: {FileFault.TextOf(fault)}", fault);
        }
    }

    static bool IsPinned(X509Certificate2 certificate, string pin) =>
        CryptographicOperations.FixedTimeEquals(certificate.GetCertHash(HashAlgorithmName.SHA256), Convert.FromHexString(pin));

    static X509ChainPolicy PolicyOf(string file)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        try
        {
            policy.CustomTrustStore.ImportFromPemFile(file);
        }
        catch (Exception fault) when (fault is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{file}: the certificates can't be read: {FileFault.TextOf(fault)}", fault);
        }

        return policy.CustomTrustStore.Count > 0 ? policy : throw new UserErrorException($"{file}: there is no certificate in it");
    }

    static async ValueTask<Stream> ConnectAsync(string path, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
