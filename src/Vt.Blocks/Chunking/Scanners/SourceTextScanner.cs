namespace Vt.Blocks.Chunking.Scanners;

/// <summary>
/// Edges in source text: some of the lines that start a definition at the left margin, in the common languages. Which ones is
/// decided by the line's own text, so that an edit moves no other edge.
/// </summary>
public sealed class SourceTextScanner : Scanner
{
    const int OneIn = 8;

    static readonly byte[][] Starts =
    [
        [.. "class "u8], [.. "def "u8], [.. "func "u8], [.. "fn "u8], [.. "function "u8], [.. "public "u8], [.. "static "u8],
        [.. "pub "u8], [.. "impl "u8], [.. "struct "u8], [.. "enum "u8], [.. "interface "u8], [.. "type "u8], [.. "typedef "u8],
        [.. "module "u8], [.. "namespace "u8], [.. "package "u8], [.. "export "u8], [.. "async "u8], [.. "sub "u8],
        [.. "void "u8], [.. "int "u8], [.. "extern "u8], [.. "template"u8], [.. "union "u8], [.. "trait "u8], [.. "data "u8],
        [.. "instance "u8], [.. "@"u8], [.. "(def"u8],
    ];

    // By their first byte: most lines at the margin start like none of them.
    static readonly byte[][]?[] ByFirstByte = Group();

    /// <inheritdoc/>
    public override string Name => "source";

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Needles { get; } = [[.. "\n"u8]];

    /// <inheritdoc/>
    public override int NeedleOffset => -1;

    /// <inheritdoc/>
    public override bool IsEdge(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after)
    {
        if (after.IsEmpty || ByFirstByte[after[0]] is not { } starts)
            return false;
        foreach (var start in starts)
        {
            if (after.StartsWith(start))
                return IsChosen(after, OneIn);
        }

        return false;
    }

    static byte[][]?[] Group()
    {
        var groups = new byte[][]?[256];
        foreach (var group in Starts.GroupBy(start => start[0]))
            groups[group.Key] = [.. group];
        return groups;
    }
}
