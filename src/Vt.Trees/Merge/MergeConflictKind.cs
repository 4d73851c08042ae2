namespace Vt.Trees.Merge;

/// <summary>Why a path could not be merged.</summary>
public enum MergeConflictKind
{
    /// <summary>Both sides changed the content: ours stays, theirs is the sibling.</summary>
    Content,

    /// <summary>Both sides changed owner, mode, attributes or device: ours stays.</summary>
    Metadata,

    /// <summary>The sides made different things of it: ours stays, theirs is the sibling.</summary>
    Kind,

    /// <summary>Our side removed what theirs changed: theirs is there.</summary>
    RemovedHere,

    /// <summary>Their side removed what ours changed, or where ours has something new: ours stays.</summary>
    RemovedThere,
}
