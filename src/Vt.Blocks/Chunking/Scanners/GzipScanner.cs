namespace Vt.Blocks.Chunking.Scanners;

/// <summary>Edges of gzip members (RFC 1952 section 2.3): a file may have many, as bgzip and pigz write them.</summary>
public sealed class GzipScanner : Scanner
{
    const int HeaderLength = 10;
    const byte ReservedFlags = 0xe0;

    /// <inheritdoc/>
    public override string Name => "gzip";

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Needles { get; } = [[0x1f, 0x8b, 8]];

    /// <inheritdoc/>
    public override bool IsEdge(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after) =>
        after.Length >= HeaderLength && (after[3] & ReservedFlags) == 0 && after[8] is (0 or 2 or 4) && after[9] is (<= 13 or 255);
}
