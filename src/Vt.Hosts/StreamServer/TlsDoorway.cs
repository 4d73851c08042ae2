using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Vt.Stores.Streams.Transport;

namespace Vt.Hosts.StreamServer;

/// <summary>
/// A TCP port, always by TLS. A client comes in by a key that the server knows, or has to prove that it knows the secret.
/// </summary>
/// <param name="description">Names the port.</param>
/// <param name="key">The server's key and certificate.</param>
/// <param name="secret">The secret; empty where only known keys are let in.</param>
/// <param name="keys">The keys that are known.</param>
public sealed class TlsDoorway(string description, X509Certificate2 key, ReadOnlyMemory<byte> secret, AuthorizedKeys keys) : Doorway
{
    /// <inheritdoc/>
    public override string Description => description;

    /// <inheritdoc/>
    public override ReadOnlyMemory<byte> Secret => secret;

    /// <inheritdoc/>
    public override async Task<(StreamLine Line, ClientRights Rights)?> LetInAsync(Socket socket, CancellationToken cancellationToken)
    {
        socket.NoDelay = true;
        TcpKeepAlive.Set(socket);
        var encrypted = new SslStream(new NetworkStream(socket, ownsSocket: true), leaveInnerStreamOpen: false);
        try
        {
            KeyPin? client = null;
            await encrypted.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions
                {
                    ServerCertificate = key,
                    EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                    ClientCertificateRequired = true,
                    RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                    {
                        // No authority vouches for it: whether its key is known is looked up below.
                        client = certificate is X509Certificate2 presented ? KeyPin.Of(presented) : null;
                        return certificate is null || client is not null;
                    },
                },
                cancellationToken);
            var rights = client is null ? null : keys.Find(client);
            if (rights is null && secret.IsEmpty)
                throw new AuthenticationException(client is null ? "the client showed no key, and there is no secret that it could know" : $"the client's key {client} is not known");

            // A known key is proof enough; what the secret's owners may do is everything.
            return (new TlsLine(encrypted, KeyPin.Of(key).Digest, isKnown: rights is not null), rights ?? ClientRights.All);
        }
        catch
        {
            await encrypted.DisposeAsync();
            throw;
        }
    }
}
