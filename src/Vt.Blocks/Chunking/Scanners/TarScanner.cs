namespace Vt.Blocks.Chunking.Scanners;

/// <summary>Edges of tar members: headers with the "ustar" magic (POSIX.1-2017, pax) whose checksum is right.</summary>
public sealed class TarScanner : Scanner
{
    const int HeaderLength = 512;
    const int ChecksumAt = 148;
    const int ChecksumLength = 8;

    /// <inheritdoc/>
    public override string Name => "tar";

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Needles { get; } = [[.. "ustar"u8]];

    /// <inheritdoc/>
    public override int NeedleOffset => 257;

    /// <inheritdoc/>
    public override bool IsEdge(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after)
    {
        if (after.Length < HeaderLength)
            return false;
        var sum = ChecksumLength * ' ';
        for (var i = 0; i < HeaderLength; i++)
            sum += i is >= ChecksumAt and < ChecksumAt + ChecksumLength ? 0 : after[i];
        var written = 0;
        foreach (var digit in after.Slice(ChecksumAt, ChecksumLength).TrimStart((byte)' '))
        {
            if (digit is < (byte)'0' or > (byte)'7')
                break;
            written = (written * 8) + digit - '0';
        }

        return sum == written;
    }
}
