using System.Globalization;
using Vt.Posix;

namespace Vt.Trees.Export;

/// <summary>Something that was not brought back as it was.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Path">Its path below the destination, in bytes; empty for the destination itself.</param>
/// <param name="Cause">What stood behind it.</param>
public sealed record ExportIssue(ExportIssueKind Kind, ReadOnlyMemory<byte> Path, Exception Cause)
{
    /// <summary>How many entries it happened to, where it is told of once for all of them; the path is the first one's.</summary>
    public long Count { get; init; } = 1;

    /// <summary>One line for people.</summary>
    public override string ToString()
    {
        var path = Path.IsEmpty ? "." : PathText.Of(Path.Span);
        if (Count > 1)
            path = string.Create(CultureInfo.InvariantCulture, $"{path} and {Count - 1} more");
        return Kind switch
        {
            ExportIssueKind.Damaged => $"{path}: damaged in the store: {Cause.Message}",
            ExportIssueKind.Exists => $"{path}: is there already, left alone",
            ExportIssueKind.NotMade => $"{path}: not restored: {Cause.Message}",
            ExportIssueKind.OwnerLost => $"{path}: restored with another owner: {Cause.Message}",
            ExportIssueKind.ModeLost => $"{path}: restored with other permissions: {Cause.Message}",
            ExportIssueKind.AttributesLost => $"{path}: restored without an extended attribute: {Cause.Message}",
            _ => $"{path}: restored with another time: {Cause.Message}",
        };
    }
}
