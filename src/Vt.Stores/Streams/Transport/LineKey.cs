using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Vt.Blocks.Contracts;

namespace Vt.Stores.Streams.Transport;

/// <summary>
/// The key of a server or client: ECDSA over P-256, with a certificate that it signs itself, since whoever trusts it does so by its pin. One PEM
/// file holds both.
/// </summary>
public static class LineKey
{
    static readonly DateTimeOffset _from = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
    static readonly DateTimeOffset _to = new(9999, 12, 31, 23, 59, 59, TimeSpan.Zero);

    /// <summary>Makes a key.</summary>
    public static X509Certificate2 Make()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest("CN=vt", key, HashAlgorithmName.SHA256).CreateSelfSigned(_from, _to);
    }

    /// <summary>Reads a key's file.</summary>
    /// <exception cref="UserErrorException">There is none, or it is no such file.</exception>
    public static X509Certificate2 Read(string file)
    {
        try
        {
            return X509Certificate2.CreateFromPemFile(file);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new UserErrorException($"{file}: the key can't be read: {fault.Message}", fault);
        }
    }

    /// <summary>Reads a key's file, which is made, readable by its owner only, where it is not there.</summary>
    /// <exception cref="UserErrorException">It can't be read, or made.</exception>
    public static X509Certificate2 ReadOrMake(string file)
    {
        if (!File.Exists(file))
        {
            using var made = Make();
            using var key = made.GetECDsaPrivateKey()!;
            PrivateFile.Make(file, made.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n");
        }

        return Read(file);
    }
}
