using Vt.Blocks.Hashing;

namespace Vt.Blocks.BlockTree;

/// <summary>
/// Stands for content of any size: one block, a tree of blocks, a few bytes, a run of one byte, or a range of another
/// reference. Immutable. Equality is of the reference, not of the content: equal references have equal content, and canonical
/// references (those that the tree writer and the splicer make with the same parameters) of
/// equal content are equal.
/// </summary>
public readonly partial struct BlockRef : IEquatable<BlockRef>
{
    /// <summary>The longest literal, in bytes.</summary>
    public const int LongestLiteral = 128;

    /// <summary>The deepest tree of indirect blocks; more would need more content than 64 bits can count.</summary>
    public const int DeepestLevel = 15;

    readonly BlockHash _hash;
    readonly object? _body;
    readonly long _span;
    readonly long _offset;
    readonly BlockRefKind _kind;
    readonly byte _small;

    BlockRef(BlockRefKind kind, long span, in BlockHash hash, byte small, long offset, object? body)
    {
        _kind = kind;
        _span = span;
        _hash = hash;
        _small = small;
        _offset = offset;
        _body = body;
    }

    /// <summary>The content of no bytes: also the default value's.</summary>
    public static BlockRef Empty => Literal([]);

    /// <summary>How the content is given.</summary>
    public BlockRefKind Kind => _span == 0 ? BlockRefKind.Literal : _kind;

    /// <summary>How many bytes of content this stands for.</summary>
    public long Span => _span;

    /// <summary>The block's name; only of direct and indirect references.</summary>
    public BlockHash Hash => _hash;

    /// <summary>How many indirect blocks lie on the way to each data block: 1 or more; only of indirect references.</summary>
    public int Level => _small;

    /// <summary>The byte that is repeated; only of runs.</summary>
    public byte RunByte => _small;

    /// <summary>The bytes themselves; only of literals.</summary>
    public ReadOnlyMemory<byte> LiteralBytes => _body as byte[] ?? ReadOnlyMemory<byte>.Empty;

    /// <summary>Where the range starts in <see cref="SliceOf"/>, in bytes; only of slices.</summary>
    public long SliceOffset => _offset;

    /// <summary>The reference that a slice is a range of; only of slices.</summary>
    public BlockRef SliceOf => _body is Box box
        ? box.Value
        : throw new InvalidOperationException("only a slice is a range of another reference");

    /// <summary>Whether there is a block in a store behind this reference itself.</summary>
    public bool HasHash => Kind is BlockRefKind.Direct or BlockRefKind.Indirect;

    /// <summary>One block that is the content.</summary>
    /// <param name="hash">The block's name.</param>
    /// <param name="span">The block's length in bytes, 1 or more.</param>
    public static BlockRef Direct(in BlockHash hash, long span)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(span);
        if (hash.IsNone)
            throw new ArgumentException("a direct reference needs a hash", nameof(hash));
        return new BlockRef(BlockRefKind.Direct, span, hash, 0, 0, null);
    }

    /// <summary>A block of references.</summary>
    /// <param name="hash">The name of the block that holds them.</param>
    /// <param name="span">The sum of their spans, 1 or more.</param>
    /// <param name="level">1 where they are not indirect themselves, otherwise one more than theirs.</param>
    public static BlockRef Indirect(in BlockHash hash, long span, int level)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(span);
        ArgumentOutOfRangeException.ThrowIfLessThan(level, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(level, DeepestLevel);
        if (hash.IsNone)
            throw new ArgumentException("an indirect reference needs a hash", nameof(hash));
        return new BlockRef(BlockRefKind.Indirect, span, hash, (byte)level, 0, null);
    }

    /// <summary>The bytes themselves, copied.</summary>
    /// <param name="bytes">At most <see cref="LongestLiteral"/> bytes.</param>
    public static BlockRef Literal(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes.Length, LongestLiteral);
        return new BlockRef(BlockRefKind.Literal, bytes.Length, default, 0, 0, bytes.IsEmpty ? null : bytes.ToArray());
    }

    /// <summary>One byte repeated; a run of no bytes is the empty literal.</summary>
    public static BlockRef Run(byte value, long span)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(span);
        return span == 0 ? Empty : new BlockRef(BlockRefKind.Run, span, default, value, 0, null);
    }

    /// <summary>
    /// A range of another reference, in its simplest form: the whole is the reference itself, a range of a run is a run, of a
    /// literal a literal, of a slice a slice of what that slices.
    /// </summary>
    /// <param name="whole">The reference.</param>
    /// <param name="offset">Where the range starts, in bytes.</param>
    /// <param name="span">How long it is; the range must lie within <paramref name="whole"/>.</param>
    public static BlockRef Slice(in BlockRef whole, long offset, long span)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(span);
        if (offset > whole.Span || span > whole.Span - offset)
            throw new ArgumentOutOfRangeException(nameof(span), $"{span} bytes at {offset} are not within {whole.Span}");
        if (span == whole.Span)
            return whole;
        if (span == 0)
            return Empty;
        return whole.Kind switch
        {
            BlockRefKind.Run => Run(whole.RunByte, span),
            BlockRefKind.Literal => Literal(whole.LiteralBytes.Span.Slice((int)offset, (int)span)),
            BlockRefKind.Slice => new BlockRef(BlockRefKind.Slice, span, default, 0, whole.SliceOffset + offset, whole._body),
            _ => new BlockRef(BlockRefKind.Slice, span, default, 0, offset, new Box(whole)),
        };
    }

    /// <inheritdoc/>
    public bool Equals(BlockRef other)
    {
        if (Kind != other.Kind || _span != other._span)
            return false;
        return Kind switch
        {
            BlockRefKind.Direct => _hash == other._hash,
            BlockRefKind.Indirect => _small == other._small && _hash == other._hash,
            BlockRefKind.Run => _small == other._small,
            BlockRefKind.Slice => _offset == other._offset && SliceOf.Equals(other.SliceOf),
            _ => LiteralBytes.Span.SequenceEqual(other.LiteralBytes.Span),
        };
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is BlockRef other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Kind, _span, _hash, _offset);

    /// <summary>Whether two references are the same.</summary>
    public static bool operator ==(in BlockRef left, in BlockRef right) => left.Equals(right);

    /// <summary>Whether two references differ.</summary>
    public static bool operator !=(in BlockRef left, in BlockRef right) => !left.Equals(right);

    sealed class Box(BlockRef value)
    {
        public readonly BlockRef Value = value;
    }
}
