namespace Vt.Blocks.Chunking.Scanners;

/// <summary>Edges of clusters in Matroska and WebM files (RFC 9559 section 5.1.3), each some seconds of sound and picture.</summary>
public sealed class MatroskaScanner : Scanner
{
    /// <inheritdoc/>
    public override string Name => "mkv";

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Needles { get; } = [[0x1f, 0x43, 0xb6, 0x75]];

    /// <inheritdoc/>
    /// <remarks>A size follows, whose first byte tells its length and is never zero.</remarks>
    public override bool IsEdge(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after) => after.Length > 4 && after[4] != 0;
}
