using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;

namespace Vt.Trees.Meta;

/// <summary>A reference as the value of a field.</summary>
static class RefForms
{
    /// <summary>Reads a reference that fills the bytes given and is not of no bytes: such a field is left out.</summary>
    public static BlockRef Decode(ReadOnlySpan<byte> data)
    {
        var reader = new ByteReader(data);
        var value = BlockRef.Read(ref reader);
        if (!reader.AtEnd)
            throw new FormatInvalidException($"{reader.Remaining} bytes follow a reference", reader.Position);
        return value.Span > 0 ? value : throw new FormatInvalidException("empty content is written out");
    }

    /// <summary>Writes a reference.</summary>
    public static void Encode(ByteWriter writer, in BlockRef value) => value.Write(writer);

    /// <summary>Reads the text form that comes next.</summary>
    public static BlockRef Parse(ref CharReader reader) => BlockRef.Parse(ref reader);
}
