using System.Buffers.Binary;

namespace Vt.Blocks.Chunking.Scanners;

/// <summary>Edges of the large boxes of MP4 and QuickTime files (ISO/IEC 14496-12 section 4.2): moov, moof, mdat.</summary>
public sealed class Mp4Scanner : Scanner
{
    const uint SmallestBox = 8;

    /// <inheritdoc/>
    public override string Name => "mp4";

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Needles { get; } = [[.. "moof"u8], [.. "mdat"u8], [.. "moov"u8]];

    /// <inheritdoc/>
    public override int NeedleOffset => sizeof(uint);

    /// <inheritdoc/>
    /// <remarks>A size of 0 means "to the end", of 1 that eight bytes of size follow.</remarks>
    public override bool IsEdge(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after)
    {
        if (after.Length < 2 * sizeof(uint))
            return false;
        var size = BinaryPrimitives.ReadUInt32BigEndian(after);
        return size is 0 or 1 or >= SmallestBox;
    }
}
