using Vt.Posix;

namespace Vt.Trees.Import;

/// <summary>Something that was not taken as it is.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Path">Its path below the source, in bytes; empty for the source itself.</param>
/// <param name="Error">The system's error number, where there is one.</param>
public sealed record ImportIssue(ImportIssueKind Kind, ReadOnlyMemory<byte> Path, Errno Error = Errno.OK)
{
    /// <summary>Why, where no error number says it; empty otherwise.</summary>
    public string Why { get; init; } = "";

    /// <summary>Whether this makes the import a partial one.</summary>
    public bool IsFault => Kind is not (ImportIssueKind.Skipped or ImportIssueKind.PreviousLost or ImportIssueKind.Vanished or ImportIssueKind.TakenBelow);

    /// <summary>One line for people.</summary>
    public override string ToString()
    {
        var path = Path.IsEmpty ? "." : PathText.Of(Path.Span);
        var reason = Error != Errno.OK ? $": {PosixException.TextOf(Error)}" : Why.Length > 0 ? $": {Why}" : "";
        return Kind switch
        {
            ImportIssueKind.Unreadable => $"{path}: not readable, left out{reason}",
            ImportIssueKind.KeptPrevious => $"{path}: not readable, the previous version stays{reason}",
            ImportIssueKind.Changed => $"{path}: changed while it was read, twice",
            ImportIssueKind.AttributesLost => $"{path}: saved without its extended attributes{reason}",
            ImportIssueKind.Skipped => $"{path}: not entered, it holds the store or is left out on purpose",
            ImportIssueKind.PreviousLost => $"{path}: its last state is damaged in the store, the folder is stored anew",
            ImportIssueKind.LeftOut => $"{path}: left out{reason}",
            ImportIssueKind.TakenBelow => $"{path}: paths that begin with / are taken below the top",
            ImportIssueKind.Unended => "the archive ends without an end mark; it may have been cut off",
            _ => $"{path}: went away while the tree was read",
        };
    }
}
