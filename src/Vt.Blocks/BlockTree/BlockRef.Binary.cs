using System.Diagnostics;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;

namespace Vt.Blocks.BlockTree;

// The binary form: a varint that counts all that follows, the kind's number, the span as a varint, and the body:
//   direct    hash
//   indirect  level (1 byte), hash
//   literal   the bytes, as many as the span says
//   run       the byte
//   slice     offset (varint), the sliced reference in its own binary form, which is direct or indirect
// Each reference has exactly one encoding; whatever is not that encoding is refused.
public readonly partial struct BlockRef
{
    /// <summary>The longest binary form of any reference, in bytes, its length prefix included.</summary>
    public const int LongestBinary = 2 + 1 + 2 + LongestLiteral;

    /// <summary>How many bytes the binary form takes, its length prefix included.</summary>
    public int BinaryLength
    {
        get
        {
            var body = BodyLength;
            return ByteWriter.VarintLength((ulong)body) + body;
        }
    }

    int BodyLength => 1 + ByteWriter.VarintLength((ulong)_span) + Kind switch
    {
        BlockRefKind.Direct => 1 + _hash.Digest.Length,
        BlockRefKind.Indirect => 2 + _hash.Digest.Length,
        BlockRefKind.Literal => (int)_span,
        BlockRefKind.Run => 1,
        BlockRefKind.Slice => ByteWriter.VarintLength((ulong)_offset) + SliceOf.BinaryLength,
        _ => throw new UnreachableException(),
    };

    /// <summary>Writes the binary form, which begins with its own length.</summary>
    public void Write(ByteWriter writer)
    {
        writer.WriteVarint((ulong)BodyLength);
        writer.WriteByte((byte)Kind);
        writer.WriteVarint((ulong)_span);
        switch (Kind)
        {
            case BlockRefKind.Direct:
                writer.WriteHash(_hash);
                break;
            case BlockRefKind.Indirect:
                writer.WriteByte(_small);
                writer.WriteHash(_hash);
                break;
            case BlockRefKind.Literal:
                writer.WriteBytes(LiteralBytes.Span);
                break;
            case BlockRefKind.Run:
                writer.WriteByte(_small);
                break;
            default:
                writer.WriteVarint((ulong)_offset);
                SliceOf.Write(writer);
                break;
        }
    }

    /// <summary>Reads a binary form.</summary>
    /// <exception cref="FormatInvalidException">It is none, is of a kind that is not known, or breaks a rule of its kind.</exception>
    public static BlockRef Read(ref ByteReader reader) => Read(ref reader, mayBeSlice: true);

    /// <summary>Steps over a binary form without understanding it, which works for kinds that later versions may add too.</summary>
    /// <exception cref="FormatInvalidException">It is longer than what is there.</exception>
    public static void Skip(ref ByteReader reader) => reader.ReadData();

    /// <summary>Reads of a binary form only how many bytes of content it stands for, and steps over the rest, which is not looked at.</summary>
    /// <exception cref="FormatInvalidException">It does not begin as one.</exception>
    public static long ReadSpan(ref ByteReader reader)
    {
        var body = new ByteReader(reader.ReadData());
        body.ReadByte();
        return body.ReadVarintLong();
    }

    static BlockRef Read(ref ByteReader reader, bool mayBeSlice)
    {
        var at = reader.Position;
        var end = reader.ReadLength(reader.Remaining);
        if (end > reader.Remaining)
            throw new FormatInvalidException($"a reference of {end} bytes is cut short", at);
        end += reader.Position;
        var kindAt = reader.Position;
        var kind = (BlockRefKind)reader.ReadByte();
        var span = reader.ReadVarintLong();
        if (span == 0 && kind != BlockRefKind.Literal)
            throw new FormatInvalidException("a reference to no bytes is not a literal", kindAt);
        var result = kind switch
        {
            BlockRefKind.Direct => Direct(reader.ReadHash(), span),
            BlockRefKind.Indirect => ReadIndirect(ref reader, span),
            BlockRefKind.Literal => ReadLiteral(ref reader, span),
            BlockRefKind.Run => Run(reader.ReadByte(), span),
            BlockRefKind.Slice when mayBeSlice => ReadSlice(ref reader, span),
            BlockRefKind.Slice => throw new FormatInvalidException("a slice is of a slice", kindAt),
            _ => throw new FormatInvalidException($"reference kind {(int)kind} is not known", kindAt),
        };
        if (reader.Position != end)
            throw new FormatInvalidException($"a reference that says it ends at {end} ends at {reader.Position}", at);
        return result;
    }

    static BlockRef ReadIndirect(ref ByteReader reader, long span)
    {
        var at = reader.Position;
        var level = reader.ReadByte();
        if (level is 0 or > DeepestLevel)
            throw new FormatInvalidException($"an indirect reference has level {level}, which is not within 1 and {DeepestLevel}", at);
        return Indirect(reader.ReadHash(), span, level);
    }

    static BlockRef ReadLiteral(ref ByteReader reader, long span)
    {
        if (span > LongestLiteral)
            throw new FormatInvalidException($"a literal of {span} bytes is over its limit of {LongestLiteral}", reader.Position);
        return Literal(reader.ReadBytes((int)span));
    }

    static BlockRef ReadSlice(ref ByteReader reader, long span)
    {
        var at = reader.Position;
        var offset = reader.ReadVarintLong();
        var whole = Read(ref reader, mayBeSlice: false);
        CheckSlice(whole, offset, span, at);
        return Slice(whole, offset, span);
    }

    // Only a true part of something that has blocks is written as a slice; the rest has simpler forms.
    static void CheckSlice(in BlockRef whole, long offset, long span, int at)
    {
        if (!whole.HasHash)
            throw new FormatInvalidException("a slice is of what is neither direct nor indirect", at);
        if (offset > whole.Span || span > whole.Span - offset)
            throw new FormatInvalidException($"a slice of {span} bytes at {offset} is not within {whole.Span} bytes", at);
        if (span == whole.Span)
            throw new FormatInvalidException("a slice is of the whole", at);
    }
}
