using Vt.Posix;

namespace Vt.Trees.Import;

/// <summary>Something that was not taken as it is.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Path">Its path below the source, in bytes; empty for the source itself.</param>
/// <param name="Error">The system's error number, where there is one.</param>
public sealed record ImportIssue(ImportIssueKind Kind, ReadOnlyMemory<byte> Path, Errno Error = Errno.OK)
{
    /// <summary>Whether this makes the import a partial one.</summary>
    public bool IsFault => Kind is not (ImportIssueKind.Skipped or ImportIssueKind.PreviousLost or ImportIssueKind.Vanished);

    /// <summary>One line for people.</summary>
    public override string ToString()
    {
        var path = Path.IsEmpty ? "." : PathText.Of(Path.Span);
        var reason = Error == Errno.OK ? "" : $": {PosixException.TextOf(Error)}";
        return Kind switch
        {
            ImportIssueKind.Unreadable => $"{path}: not readable, left out{reason}",
            ImportIssueKind.KeptPrevious => $"{path}: not readable, the previous version stays{reason}",
            ImportIssueKind.Changed => $"{path}: changed while it was read, twice",
            ImportIssueKind.AttributesLost => $"{path}: saved without its extended attributes{reason}",
            ImportIssueKind.Skipped => $"{path}: not entered, it holds the store or is left out on purpose",
            ImportIssueKind.PreviousLost => $"{path}: its last state is damaged in the store, the folder is stored anew",
            _ => $"{path}: went away while the tree was read",
        };
    }
}
