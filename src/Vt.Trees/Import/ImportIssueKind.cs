namespace Vt.Trees.Import;

/// <summary>Why something was not taken as it is.</summary>
public enum ImportIssueKind
{
    /// <summary>It can't be read, and the previous state hasn't got it: it is missing from this one.</summary>
    Unreadable,

    /// <summary>It can't be read; what the previous state has stays.</summary>
    KeptPrevious,

    /// <summary>It changed while it was read, and again while it was read anew: the content may be of no one moment.</summary>
    Changed,

    /// <summary>Its attributes can't be read or kept; the rest was.</summary>
    AttributesLost,

    /// <summary>It is a directory that is not entered, such as the store itself. No fault.</summary>
    Skipped,

    /// <summary>It is a directory whose previous state can't be read whole any more: what the source has of it is stored anew. No fault.</summary>
    PreviousLost,

    /// <summary>It went away while the source was read. No fault.</summary>
    Vanished,

    /// <summary>It is a member of an archive that can't be taken, or that leads out of the tree: it is missing from this state.</summary>
    LeftOut,

    /// <summary>It is a member of an archive, the first of them, whose path begins at the root: it is taken below the top. No fault.</summary>
    TakenBelow,

    /// <summary>An archive has no end mark: members may be missing.</summary>
    Unended,
}
