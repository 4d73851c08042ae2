using Vt.Trees.Meta;

namespace Vt.Trees.Tar;

/// <summary>What a member's headers tell.</summary>
readonly struct TarFacts
{
    /// <summary>How many members come before it.</summary>
    public required long Ordinal { get; init; }

    /// <summary>The type flag.</summary>
    public required byte Type { get; init; }

    /// <summary>The path; of a folder with a slash at its end.</summary>
    public required byte[] Path { get; init; }

    /// <summary>A link's target; empty of others.</summary>
    public required byte[] Target { get; init; }

    /// <summary>Permissions, owner, times.</summary>
    public required Metadata Metadata { get; init; }

    /// <summary>The extended attributes, in memory.</summary>
    public required XattrSet Xattrs { get; init; }

    /// <summary>How many bytes the content has when it is restored.</summary>
    public required long Size { get; init; }

    /// <summary>Where the content has data, of one with holes.</summary>
    public SparseMap? Sparse { get; init; }

    /// <summary>How many bytes of content follow the headers, without the padding.</summary>
    public long BodyLength => Sparse is { } sparse ? sparse.Text.Length + sparse.DataLength : Size;

    /// <summary>Whether it is a character or block device.</summary>
    public bool IsDevice => Type is (byte)'3' or (byte)'4';
}
