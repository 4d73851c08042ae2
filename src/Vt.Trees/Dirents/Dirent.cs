using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Trees.Meta;

namespace Vt.Trees.Dirents;

/// <summary>A directory entry: a name and all that it stands for. Immutable.</summary>
/// <remarks>
/// The content is a file's bytes, a symbolic link's target, or a directory's root node (empty for a directory without
/// entries; see <see cref="Directories.DirectoryReader"/>).
/// </remarks>
public sealed partial record Dirent
{
    /// <summary>The longest name, in bytes: NAME_MAX.</summary>
    public const int LongestName = 255;

    /// <summary>The largest binary form, in bytes, its length included; what a directory's largest node follows from.</summary>
    public const int LargestEncoded = 2048;

    readonly DirentKind _kind;
    readonly ReadOnlyMemory<byte> _name;

    /// <summary>What the name stands for.</summary>
    public required DirentKind Kind
    {
        get => _kind;
        init => _kind = value is > DirentKind.None and <= DirentKind.Whiteout ? value : throw new FormatInvalidException($"dirent kind {(int)value} is not known");
    }

    /// <summary>The name: 1 to 255 bytes, any but <c>/</c> and NUL. Empty only for roots and in inode tables.</summary>
    public ReadOnlyMemory<byte> Name
    {
        get => _name;
        init => _name = CheckName(value.Span) is { } fault ? throw new FormatInvalidException(fault) : value;
    }

    /// <summary>What the inode is known by for as long as it lives; hard links need one, others may do without.</summary>
    public Guid? Uuid { get; init; }

    /// <summary>Permissions, owner, times, attributes.</summary>
    public Metadata Metadata { get; init; } = Metadata.Empty;

    /// <summary>The content.</summary>
    public BlockRef Content { get; init; }

    /// <summary>The content that is an earlier version of this dirent in binary form; empty where there is none.</summary>
    public BlockRef Previous { get; init; }

    /// <summary>Of a root: the table that has every hard-linked inode under its UUID, as a directory's root node; otherwise empty.</summary>
    public BlockRef Inodes { get; init; }

    /// <summary>The content's length in bytes: what st_size says of files and symbolic links.</summary>
    public long Size => Content.Span;

    /// <summary>Fields that a later version wrote, as they were; carried along.</summary>
    internal ReadOnlyMemory<byte> Unknown { get; init; }

    /// <summary>What is wrong with a name; null where it is good or empty.</summary>
    public static string? CheckName(ReadOnlySpan<byte> name)
    {
        if (name.Length > LongestName)
            return $"a name of {name.Length} bytes is over the limit of {LongestName}";
        var bad = name.IndexOfAny((byte)'/', (byte)0);
        if (bad >= 0)
            return $"a name holds a {(name[bad] == 0 ? "NUL" : "slash")} at {bad}";
        return name is [(byte)'.'] or [(byte)'.', (byte)'.'] ? "a name is \".\" or \"..\"" : null;
    }

    /// <inheritdoc/>
    public bool Equals(Dirent? other) =>
        other is not null
        && (ReferenceEquals(this, other) || (_kind == other._kind
            && _name.Span.SequenceEqual(other._name.Span)
            && Uuid == other.Uuid
            && Content == other.Content
            && Previous == other.Previous
            && Inodes == other.Inodes
            && Metadata.Equals(other.Metadata)
            && Unknown.Span.SequenceEqual(other.Unknown.Span)));

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.Add(_kind);
        hash.AddBytes(_name.Span);
        hash.Add(Content);
        hash.Add(Metadata);
        return hash.ToHashCode();
    }
}
