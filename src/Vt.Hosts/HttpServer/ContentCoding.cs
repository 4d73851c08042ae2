namespace Vt.Hosts.HttpServer;

/// <summary>How an answer's bytes are compressed.</summary>
enum ContentCoding
{
    /// <summary>Not at all.</summary>
    Identity,

    /// <summary>gzip (RFC 1952).</summary>
    Gzip,

    /// <summary>Zstandard (RFC 8878).</summary>
    Zstd,
}
