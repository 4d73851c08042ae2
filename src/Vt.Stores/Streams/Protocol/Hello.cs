using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;

namespace Vt.Stores.Streams.Protocol;

/// <summary>A client's first frame.</summary>
/// <param name="Oldest">The oldest version of the protocol that it speaks.</param>
/// <param name="Newest">The newest.</param>
/// <param name="Session">The same on every connection of one opened store, so that a repeated request is known.</param>
/// <param name="Export">Which of the server's stores; empty for its first.</param>
/// <param name="Client">Who it is, for the server's log.</param>
/// <param name="Nonce">Fresh random bytes that proofs of the secret are bound to.</param>
public sealed record Hello(int Oldest, int Newest, Guid Session, string Export, string Client, ReadOnlyMemory<byte> Nonce)
{
    /// <summary>How long a nonce is, in bytes.</summary>
    public const int NonceLength = 32;

    const int LongestClient = 256;

    /// <summary>Writes it as the meta of a frame.</summary>
    public void Write(ByteWriter writer)
    {
        writer.WriteVarint((ulong)Oldest);
        writer.WriteVarint((ulong)Newest);
        writer.WriteBytes(Session.ToByteArray());
        WireText.Write(writer, Export);
        WireText.Write(writer, Client.Length > LongestClient / 4 ? Client[..(LongestClient / 4)] : Client);
        writer.WriteBytes(Nonce.Span);
    }

    /// <summary>Reads the meta of a frame. What a newer client adds behind is passed over.</summary>
    /// <exception cref="FormatInvalidException">It is none.</exception>
    public static Hello Read(ReadOnlySpan<byte> meta)
    {
        var reader = new ByteReader(meta);
        var oldest = reader.ReadLength(int.MaxValue);
        var newest = reader.ReadLength(int.MaxValue);
        var session = new Guid(reader.ReadBytes(16));
        var export = WireText.Read(ref reader, StreamLimits.LongestExport * 4);
        var client = WireText.Read(ref reader, LongestClient);
        return new Hello(oldest, newest, session, export, client, reader.ReadBytes(NonceLength).ToArray());
    }
}
