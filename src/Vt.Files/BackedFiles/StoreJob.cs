using Vt.Blocks.BlockTree;

namespace Vt.Files.BackedFiles;

/// <summary>A content that a <see cref="ContentStorer"/> is to store, and what came of it.</summary>
/// <param name="snapshot">The content. The job does not end it.</param>
/// <param name="name">The file's name without its path, or empty: together with type and content it chooses the scanner.</param>
/// <param name="mimeType">The value of the attribute user.mime_type, or empty.</param>
sealed class StoreJob(ContentSnapshot snapshot, ReadOnlyMemory<byte> name, ReadOnlyMemory<byte> mimeType = default)
{
    /// <summary>The content.</summary>
    public ContentSnapshot Snapshot { get; } = snapshot;

    /// <summary>The file's name.</summary>
    public ReadOnlyMemory<byte> Name { get; } = name;

    /// <summary>The file's media type.</summary>
    public ReadOnlyMemory<byte> MimeType { get; } = mimeType;

    /// <summary>Whether all blocks of the content are in the store, and what follows is set.</summary>
    public bool IsDone { get; private set; }

    /// <summary>The content's reference.</summary>
    public BlockRef Content { get; private set; }

    /// <summary>How many of its bytes lie in holes.</summary>
    public long HoleSpan { get; private set; }

    /// <summary>The content is stored.</summary>
    internal void Complete(BlockRef content, long holeSpan)
    {
        Content = content;
        HoleSpan = holeSpan;
        IsDone = true;
    }
}
