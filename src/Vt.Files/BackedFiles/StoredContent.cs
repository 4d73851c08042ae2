using Vt.Blocks.BlockTree;

namespace Vt.Files.BackedFiles;

/// <summary>Content that is in the store, shared by all extents that are ranges of it. Equal where the references are.</summary>
/// <param name="content">The reference.</param>
/// <param name="holeSpan">How many of its bytes lie in holes; null where that isn't known and would have to be counted.</param>
sealed class StoredContent(BlockRef content, long? holeSpan = null) : IEquatable<StoredContent>
{
    /// <summary>The content of no bytes.</summary>
    public static StoredContent Empty { get; } = new(BlockRef.Empty, 0);

    /// <summary>The reference.</summary>
    public BlockRef Content { get; } = content;

    /// <summary>How long it is, in bytes.</summary>
    public long Span => Content.Span;

    /// <summary>How many bytes lie in holes; null where only a walk would tell.</summary>
    public long? HoleSpan { get; } = holeSpan ?? content.Kind switch
    {
        BlockRefKind.Run => content.RunByte == 0 ? content.Span : 0,
        BlockRefKind.Literal or BlockRefKind.Direct => 0,
        _ => null,
    };

    /// <inheritdoc/>
    public bool Equals(StoredContent? other) => ReferenceEquals(this, other) || (other is not null && Content.Equals(other.Content));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as StoredContent);

    /// <inheritdoc/>
    public override int GetHashCode() => Content.GetHashCode();
}
