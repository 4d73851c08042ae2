using System.Security.Cryptography;
using System.Text;

namespace Vt.Stores.Streams.Protocol;

/// <summary>
/// How two sides show each other that they know a secret, without sending it: HMAC-SHA-256 (RFC 2104) over both sides' nonces and the
/// certificate that the line is encrypted under. Whoever stands between the two shows each another certificate, and can pass no proof on.
/// </summary>
public static class SecretProof
{
    /// <summary>How long a secret has to be, in bytes: proofs can be guessed at by whoever gets one.</summary>
    public const int ShortestSecret = 16;

    /// <summary>How long a proof is, in bytes.</summary>
    public const int Length = 32;

    /// <summary>The client's proof.</summary>
    /// <param name="secret">The secret.</param>
    /// <param name="clientNonce">The nonce of the client's Hello.</param>
    /// <param name="serverNonce">The nonce of the server's Challenge.</param>
    /// <param name="channel">What names the encrypted line at both ends: the digest of the server's key.</param>
    public static byte[] OfClient(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> clientNonce, ReadOnlySpan<byte> serverNonce, ReadOnlySpan<byte> channel) =>
        Of(secret, "vt stream 1 client", clientNonce, serverNonce, channel);

    /// <summary>The server's.</summary>
    /// <param name="secret">The secret.</param>
    /// <param name="clientNonce">The nonce of the client's Hello.</param>
    /// <param name="serverNonce">The nonce of the server's Challenge.</param>
    /// <param name="channel">What names the encrypted line at both ends: the digest of the server's key.</param>
    public static byte[] OfServer(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> clientNonce, ReadOnlySpan<byte> serverNonce, ReadOnlySpan<byte> channel) =>
        Of(secret, "vt stream 1 server", clientNonce, serverNonce, channel);

    /// <summary>Whether a proof is the one that it should be, in a time that tells nothing.</summary>
    public static bool IsEqual(ReadOnlySpan<byte> proof, ReadOnlySpan<byte> expected) => CryptographicOperations.FixedTimeEquals(proof, expected);

    static byte[] Of(ReadOnlySpan<byte> secret, string side, ReadOnlySpan<byte> clientNonce, ReadOnlySpan<byte> serverNonce, ReadOnlySpan<byte> channel)
    {
        using var mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret);

        // All parts but the last have lengths of their own, so that no two lines of parts are the same bytes.
        mac.AppendData(Encoding.ASCII.GetBytes(side));
        mac.AppendData(clientNonce);
        mac.AppendData(serverNonce);
        mac.AppendData(channel);
        return mac.GetHashAndReset();
    }
}
