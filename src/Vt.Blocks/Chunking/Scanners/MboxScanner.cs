namespace Vt.Blocks.Chunking.Scanners;

/// <summary>Edges of messages in a mailbox: "From " lines (RFC 4155) after an empty line, with LF or CRLF.</summary>
public sealed class MboxScanner : Scanner
{
    const int LongestLine = 1024;

    /// <inheritdoc/>
    public override string Name => "mbox";

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Needles { get; } = [[.. "\nFrom "u8]];

    /// <inheritdoc/>
    public override int NeedleOffset => -1;

    /// <inheritdoc/>
    public override bool IsEdge(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after)
    {
        if (!before.EndsWith("\n\n"u8) && !before.EndsWith("\n\r\n"u8))
            return false;
        var line = after[..Math.Min(after.Length, LongestLine)];
        var end = line.IndexOf((byte)'\n');
        return end > 0 && line[..end].Count((byte)':') >= 1;
    }
}
