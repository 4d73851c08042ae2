using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Trees.Tar.Reading;

/// <summary>A member of an archive as its headers say.</summary>
sealed record TarEntry
{
    /// <summary>Its path as it was written.</summary>
    public required byte[] Path { get; init; }

    /// <summary>What it is; <see cref="DirentKind.Indirect"/> of a further name of a file, <see cref="DirentKind.None"/> of what is no file.</summary>
    public required DirentKind Kind { get; init; }

    /// <summary>The target of a link of either kind.</summary>
    public byte[] Target { get; init; } = [];

    /// <summary>All but the extended attributes.</summary>
    public Metadata Metadata { get; init; } = Metadata.Empty;

    /// <summary>The extended attributes.</summary>
    public IReadOnlyList<Xattr> Xattrs { get; init; } = [];

    /// <summary>How many bytes its content has.</summary>
    public long Size { get; init; }

    /// <summary>Where the content has data, in order; what lies between is zeros. Null of content that is written out.</summary>
    public IReadOnlyList<(long Offset, long Length)>? Parts { get; init; }

    /// <summary>Why it, or a part of its metadata, can't be taken; null where nothing is wrong.</summary>
    public string? Fault { get; init; }
}
