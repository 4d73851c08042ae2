using System.ComponentModel;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Vt.Blocks.Contracts;

namespace Vt.Stores.Streams.Transport;

/// <summary>
/// Connects to a server over TCP, always by TLS (RFC 8446). No authority vouches for keys: the server's is either known before, or proven by the
/// secret that both sides share, which is bound to it.
/// </summary>
/// <param name="host">The server's name or address.</param>
/// <param name="port">Its port.</param>
/// <param name="serverKey">The key that it has to have; null where the secret proves it.</param>
/// <param name="ownKey">The key and certificate by which the server knows this client; null for none. Disposed by whoever made it.</param>
public sealed class TlsConnector(string host, int port, KeyPin? serverKey, X509Certificate2? ownKey) : ILineConnector
{
    /// <inheritdoc/>
    public string Description => host.Contains(':', StringComparison.Ordinal) ? $"tcp:[{host}]:{port}" : $"tcp:{host}:{port}";

    /// <inheritdoc/>
    public async ValueTask<StreamLine> ConnectAsync(CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        SslStream? encrypted = null;
        try
        {
            await socket.ConnectAsync(host, port, cancellationToken);
            TcpKeepAlive.Set(socket);
            encrypted = new SslStream(new NetworkStream(socket, ownsSocket: true), leaveInnerStreamOpen: false);
            KeyPin? seen = null;
            await encrypted.AuthenticateAsClientAsync(OptionsFor(pin => seen = pin), cancellationToken);
            return new SocketLine(encrypted, (seen ?? throw new AuthenticationException("the server has no certificate")).Digest);
        }
        catch (Exception fault)
        {
            if (encrypted is not null)
                await encrypted.DisposeAsync();
            socket.Dispose();
            throw fault switch
            {
                AuthenticationException => new StoreUnavailableException(Description, $"the encrypted connection was not made: {fault.Message}", isTransient: false, fault),
                SocketException or IOException or Win32Exception => new StoreUnavailableException(Description, $"no connection: {fault.Message}", isTransient: true, fault),
                _ => fault,
            };
        }
    }

    SslClientAuthenticationOptions OptionsFor(Action<KeyPin> saw) => new()
    {
        TargetHost = host,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ClientCertificates = ownKey is null ? null : [ownKey],
        RemoteCertificateValidationCallback = (_, certificate, _, _) =>
        {
            if (certificate is not X509Certificate2 presented)
                return false;
            var pin = KeyPin.Of(presented);
            saw(pin);
            return serverKey is null || pin == serverKey
                ? true
                : throw new AuthenticationException($"the server's key is {pin}, where {serverKey} is expected");
        },
    };
}
