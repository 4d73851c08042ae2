namespace Vt.Stores.Streams.Transport;

/// <summary>A line to the other side: bytes in both directions, in order, until it is disposed or lost.</summary>
public abstract class StreamLine : IAsyncDisposable
{
    /// <summary>What comes from there.</summary>
    public abstract Stream Input { get; }

    /// <summary>What goes there.</summary>
    public abstract Stream Output { get; }

    /// <summary>Whether <see cref="Input"/> waits for bytes when it is asked to read none.</summary>
    public abstract bool WaitsWithoutBuffer { get; }

    /// <summary>What names an encrypted line at both ends: the SHA-256 digest of the server's public key. Empty of a line that is private by itself.</summary>
    public virtual ReadOnlyMemory<byte> Channel => default;

    /// <summary>
    /// What the lines of one client to one server have in common and nobody else knows, as long as a nonce (<see cref="Protocol.Hello.NonceLength"/>); empty where lines have nothing in common.
    /// </summary>
    public virtual ReadOnlyMemory<byte> SessionKey => default;

    /// <summary>Whether both sides have to prove that they know <see cref="SessionKey"/>, since somebody else could be there; otherwise the line is private, and the client tells the key over it.</summary>
    public virtual bool ProvesSessionKey => false;

    /// <summary>Told when the server has let this client in.</summary>
    public virtual void NoteWelcome()
    {
    }

    /// <summary>What the other side said besides, as a program that dies says why. Empty where it said nothing.</summary>
    public virtual ValueTask<string> ReadLastWordsAsync() => new("");

    /// <summary>Ends it at once; reads and writes under way fail.</summary>
    public abstract ValueTask DisposeAsync();
}
