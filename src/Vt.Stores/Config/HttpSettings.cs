using Vt.Blocks.Contracts;

namespace Vt.Stores.Config;

/// <summary>A store on the web: a server of vt's, or files that were exported and that any server hands out.</summary>
/// <param name="Url">Its top, with a slash at the end.</param>
public sealed record HttpSettings(Uri Url) : StoreSettings
{
    /// <summary>The word for this type.</summary>
    public const string Type = "http";

    internal const string UrlKey = "url";

    const int DigestDigits = 64;

    /// <inheritdoc/>
    public override string TypeName => Type;

    /// <inheritdoc/>
    public override string Name => Url.ToString();

    /// <summary>The file that has the token; null for none.</summary>
    public string? TokenFile { get; init; }

    /// <summary>How many requests are under way at once.</summary>
    public int Parallel { get; init; } = 8;

    /// <summary>How long nothing may be heard before a call fails, attempts included.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The file of the certificates, as PEM, that one of has to have signed the server's; null for those of the system.</summary>
    public string? CaFile { get; init; }

    /// <summary>The SHA-256 of the server's certificate, in hexadecimal digits, which then needs no signature; null for none.</summary>
    public string? Pin { get; init; }

    /// <summary>The unix socket that the server listens at, whatever the host in the address is; null for none.</summary>
    public string? Socket { get; init; }

    internal static HttpSettings Read(ClauseReader clause)
    {
        var url = clause.Need(UrlKey);
        if (!Uri.TryCreate(url.Value, UriKind.Absolute, out var top) || top.Scheme is not ("http" or "https") || top.Query.Length > 0 || top.Fragment.Length > 0)
            throw new UserErrorException($"{url.Origin}: '{url.Value}' is no address of a store; write http://HOST[:PORT]/ or https://HOST[:PORT]/PATH/");
        if (top.UserInfo.Length > 0)
            throw new UserErrorException($"{url.Origin}: '{top.Host}' has a password before it in the address, which others could read; say token_file");
        var pin = clause.Find("pin");
        if (pin is not null && (pin.Value.Length != DigestDigits || !pin.Value.All(char.IsAsciiHexDigit)))
            throw new UserErrorException($"{pin.Origin}: '{pin.Value}' is no SHA-256 of a certificate, which has {DigestDigits} hexadecimal digits");
        return new HttpSettings(top.AbsolutePath.EndsWith('/') ? top : new Uri(top.AbsoluteUri + "/"))
        {
            TokenFile = clause.Path("token_file"),
            Parallel = clause.Number("parallel", 1, 256) ?? 8,
            Timeout = clause.Seconds("timeout", 1, 86400) ?? TimeSpan.FromSeconds(30),
            CaFile = clause.Path("ca_file"),
            Pin = pin?.Value,
            Socket = clause.Path("socket"),
        };
    }
}
