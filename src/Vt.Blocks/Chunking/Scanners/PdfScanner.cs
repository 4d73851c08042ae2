namespace Vt.Blocks.Chunking.Scanners;

/// <summary>Edges behind the objects of PDF files (ISO 32000-1 section 7.3.10), so that unchanged objects stay whole.</summary>
public sealed class PdfScanner : Scanner
{
    const int OneIn = 4;

    /// <inheritdoc/>
    public override string Name => "pdf";

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Needles { get; } = [[.. "endobj"u8]];

    /// <inheritdoc/>
    public override int NeedleOffset => -"endobj".Length;

    /// <inheritdoc/>
    public override bool IsEdge(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after) => IsChosen(after, OneIn);
}
