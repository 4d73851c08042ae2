using System.Security.Cryptography.X509Certificates;

namespace Vt.Hosts.HttpServer;

/// <summary>How a store is served.</summary>
public sealed record HttpServerOptions
{
    /// <summary>Where to listen.</summary>
    public required HttpAddress Address { get; init; }

    /// <summary>The descriptor of a socket that listens already, as systemd gives it; null for none.</summary>
    public ulong? ListeningDescriptor { get; init; }

    /// <summary>What whoever asks has to show; null for nothing.</summary>
    public string? Token { get; init; }

    /// <summary>Whether blocks may be added and references moved.</summary>
    public bool IsWritable { get; init; }

    /// <summary>Whether a request may name any host, though no token is wanted: what keeps pages of other sites from reading is off then.</summary>
    public bool TakesAnyHost { get; init; }

    /// <summary>The server's certificate with its key; null for no encryption.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>Those that lead from it to one that clients know.</summary>
    public X509Certificate2Collection Intermediates { get; init; } = [];

    /// <summary>The most connections at once; where one more comes, the one that has been idle longest is closed, and where none is idle the new one.</summary>
    public int MostConnections { get; init; } = 1000;

    /// <summary>The store's name on the pages.</summary>
    public string Title { get; init; } = "What is stored here";

    /// <summary>The clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Gets a line for each failure of the server's.</summary>
    public Action<string> Log { get; init; } = static _ => { };

    /// <summary>How long requests under way may take when the server ends.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(20);
}
