namespace Vt.Blocks.Chunking.Scanners;

/// <summary>
/// Edges in MP3 files: tags (ID3v2 at the front, ID3v1 at the end) and some of the frames, so that a changed tag leaves the
/// sound's blocks alone.
/// </summary>
public sealed class Mp3Scanner : Scanner
{
    const int OneIn = 16;
    const int FrameHeader = 4;
    static readonly int[] KilobitsOfVersion1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
    static readonly int[] KilobitsOfVersion2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
    static readonly int[] Rates = [44_100, 48_000, 32_000];

    /// <inheritdoc/>
    public override string Name => "mp3";

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Needles { get; } =
        [[0xff, 0xfb], [0xff, 0xfa], [0xff, 0xf3], [0xff, 0xe3], [.. "ID3"u8], [.. "TAG"u8]];

    /// <inheritdoc/>
    public override bool IsEdge(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after)
    {
        if (after.StartsWith("ID3"u8))
            return after.Length >= 10 && after[3] is >= 2 and <= 4 && after.Slice(6, 4).IndexOfAnyInRange((byte)0x80, (byte)0xff) < 0;
        if (after.StartsWith("TAG"u8))
            return after.Length == 128;
        var length = FrameLength(after);
        return length > 0 && length < after.Length && FrameLength(after[length..]) > 0 && IsChosen(after, OneIn);
    }

    /// <summary>The length of the frame of layer III that starts here, or 0 (ISO/IEC 11172-3 section 2.4.1.3, 13818-3).</summary>
    static int FrameLength(ReadOnlySpan<byte> data)
    {
        if (data.Length < FrameHeader || data[0] != 0xff || (data[1] & 0xe6) != 0xe2)
            return 0;
        var version = (data[1] >> 3) & 3;
        var bits = data[2] >> 4;
        var rate = (data[2] >> 2) & 3;
        if (version == 1 || bits is 0 or 15 || rate == 3)
            return 0;
        var padding = (data[2] >> 1) & 1;
        var hertz = Rates[rate] >> (version == 3 ? 0 : version == 2 ? 1 : 2);
        return version == 3
            ? (144_000 * KilobitsOfVersion1[bits] / hertz) + padding
            : (72_000 * KilobitsOfVersion2[bits] / hertz) + padding;
    }
}
