using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Stores.References;

namespace Vt.Stores.Streams.Protocol;

/// <summary>A reference that is to be moved.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Expected">The value that it must have; null for none.</param>
/// <param name="Value">The new one; null ends it.</param>
/// <param name="Note">A word for the log.</param>
public sealed record ReferenceMove(string Name, string? Expected, string? Value, string Note)
{
    /// <summary>The longest text of a reference, in bytes.</summary>
    internal const int LongestText = RefName.LongestText * 3;

    /// <summary>Writes it as the meta of a frame.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="instance">The server's opened store that is meant: where another one gets the request, it may have been made there before.</param>
    public void Write(ByteWriter writer, Guid instance)
    {
        writer.WriteBytes(instance.ToByteArray());
        WireText.Write(writer, Name);
        WireText.WriteOptional(writer, Expected);
        WireText.WriteOptional(writer, Value);
        WireText.Write(writer, Note);
    }

    /// <summary>Reads the meta of a frame.</summary>
    /// <param name="meta">That.</param>
    /// <param name="instance">The opened store that was meant.</param>
    /// <exception cref="FormatInvalidException">It is none.</exception>
    public static ReferenceMove Read(ReadOnlySpan<byte> meta, out Guid instance)
    {
        var reader = new ByteReader(meta);
        instance = new Guid(reader.ReadBytes(16));
        return new ReferenceMove(
            WireText.Read(ref reader, RefName.LongestName),
            WireText.ReadOptional(ref reader, LongestText),
            WireText.ReadOptional(ref reader, LongestText),
            WireText.Read(ref reader, LongestText));
    }
}
