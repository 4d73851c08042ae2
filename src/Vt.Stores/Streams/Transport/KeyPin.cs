using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Vt.Stores.Streams.Transport;

/// <summary>
/// A public key, by the SHA-256 digest of its SubjectPublicKeyInfo (RFC 7469 section 2.4), written <c>sha256:</c> and base64 without padding.
/// </summary>
public sealed record KeyPin
{
    const string Prefix = "sha256:";

    readonly string _text;

    KeyPin(byte[] digest)
    {
        Digest = digest;
        _text = Prefix + Convert.ToBase64String(digest).TrimEnd('=');
    }

    /// <summary>The digest.</summary>
    public ReadOnlyMemory<byte> Digest { get; }

    /// <summary>The pin of a certificate's key.</summary>
    public static KeyPin Of(X509Certificate2 certificate) => new(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));

    /// <summary>Reads the text form.</summary>
    /// <returns>The pin; null where the text is none.</returns>
    public static KeyPin? TryParse(string text)
    {
        var digest = new byte[SHA256.HashSizeInBytes];
        return text.StartsWith(Prefix, StringComparison.Ordinal)
            && Convert.TryFromBase64String(text[Prefix.Length..].TrimEnd('=') + "=", digest, out var length) && length == digest.Length
            ? new KeyPin(digest)
            : null;
    }

    /// <inheritdoc/>
    public bool Equals(KeyPin? other) => other is not null && _text == other._text;

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(_text);

    /// <inheritdoc/>
    public override string ToString() => _text;
}
