using System.Buffers.Binary;

namespace Vt.Blocks.Chunking.Scanners;

/// <summary>Edges of zip members: local file headers (PKWARE APPNOTE section 4.3.7).</summary>
public sealed class ZipScanner : Scanner
{
    const int HeaderLength = 30;

    /// <inheritdoc/>
    public override string Name => "zip";

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Needles { get; } = [[(byte)'P', (byte)'K', 3, 4]];

    /// <inheritdoc/>
    public override bool IsEdge(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after)
    {
        if (after.Length < HeaderLength)
            return false;
        var version = after[4];
        var method = BinaryPrimitives.ReadUInt16LittleEndian(after[8..]);
        var nameLength = BinaryPrimitives.ReadUInt16LittleEndian(after[26..]);
        return version <= 63 && method <= 99 && nameLength is > 0 and <= 4096;
    }
}
