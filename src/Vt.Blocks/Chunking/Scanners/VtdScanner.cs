namespace Vt.Blocks.Chunking.Scanners;

/// <summary>Edges of the frames in our own packs: a pack kept in a store is cut where its frames start.</summary>
public sealed class VtdScanner : Scanner
{
    /// <inheritdoc/>
    public override string Name => "vtd";

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Needles { get; } =
        [[0xf5, (byte)'V', (byte)'T', (byte)'F', (byte)'R', (byte)'M', 0x0d, 0x0a]];
}
