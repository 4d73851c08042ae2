namespace Vt.Trees.Diff;

/// <summary>What happened to a path between two trees.</summary>
public enum TreeChangeKind
{
    /// <summary>Only the second tree has it.</summary>
    Added,

    /// <summary>Only the first tree has it.</summary>
    Removed,

    /// <summary>Both have it, and it differs.</summary>
    Modified,
}
