namespace Vt.Blocks.BlockTree;

/// <summary>A piece of the content that a <see cref="BlockTreeSplicer"/> is to make: a range of content in the store, or bytes.</summary>
public readonly struct ContentPiece
{
    ContentPiece(in BlockRef whole, long offset, long length, ReadOnlyMemory<byte> bytes, ReadPiece? read)
    {
        Whole = whole;
        Offset = offset;
        Length = length;
        Bytes = bytes;
        Read = read;
    }

    /// <summary>How many bytes the piece has.</summary>
    public long Length { get; }

    /// <summary>What the piece is a range of; never a slice. Empty where the piece is bytes.</summary>
    internal BlockRef Whole { get; }

    /// <summary>Where the range starts.</summary>
    internal long Offset { get; }

    /// <summary>The bytes, where the piece is given by them.</summary>
    internal ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Reads the bytes, where the piece lies elsewhere.</summary>
    internal ReadPiece? Read { get; }

    /// <summary>Whether the piece is a range of content in the store.</summary>
    internal bool IsRange => Whole.Span > 0;

    /// <summary>Bytes, borrowed until the call that the piece is given to completes.</summary>
    public static ContentPiece Of(ReadOnlyMemory<byte> bytes) => new(default, 0, bytes.Length, bytes, null);

    /// <summary>All content of a reference: of any kind, so that a run is a hole.</summary>
    public static ContentPiece Of(in BlockRef reference) => Of(reference, 0, reference.Span);

    /// <summary>A range of a reference's content.</summary>
    /// <param name="reference">The reference.</param>
    /// <param name="offset">Where the range starts, in bytes.</param>
    /// <param name="length">How long it is; the range must lie within the content.</param>
    public static ContentPiece Of(in BlockRef reference, long offset, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (offset > reference.Span || length > reference.Span - offset)
            throw new ArgumentOutOfRangeException(nameof(length), $"{length} bytes at {offset} are not within {reference.Span}");
        if (length == 0)
            return default;
        return reference.Kind == BlockRefKind.Slice
            ? new ContentPiece(reference.SliceOf, reference.SliceOffset + offset, length, default, null)
            : new ContentPiece(reference, offset, length, default, null);
    }

    /// <summary>Bytes that are read when they are wanted, each once, in order.</summary>
    /// <param name="length">How many there are.</param>
    /// <param name="read">Reads them.</param>
    public static ContentPiece Of(long length, ReadPiece read)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        return new ContentPiece(default, 0, length, default, read);
    }

    /// <summary>
    /// Whether <paramref name="next"/> is the range right behind this one; then <paramref name="both"/> is the two as one.
    /// </summary>
    internal bool TryJoin(in ContentPiece next, out ContentPiece both)
    {
        both = default;
        if (!IsRange || !next.IsRange || Offset + Length != next.Offset || Whole != next.Whole)
            return false;
        both = new ContentPiece(Whole, Offset, Length + next.Length, default, null);
        return true;
    }
}
