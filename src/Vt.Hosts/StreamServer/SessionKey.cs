namespace Vt.Hosts.StreamServer;

/// <summary>The key that a client told over a private line, for those of its lines at which somebody else could be. The first that is told counts. Thread-safe.</summary>
public sealed class SessionKey
{
    byte[]? _key;

    /// <summary>The key; empty before one was told.</summary>
    public ReadOnlyMemory<byte> Value => Volatile.Read(ref _key);

    /// <summary>Hears a key.</summary>
    /// <param name="key">The key, which is copied.</param>
    internal void Hear(ReadOnlySpan<byte> key) => Interlocked.CompareExchange(ref _key, key.ToArray(), null);
}
