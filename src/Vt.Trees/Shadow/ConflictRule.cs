namespace Vt.Trees.Shadow;

/// <summary>What is done where a folder and the archive that it follows both changed one thing differently.</summary>
public enum ConflictRule
{
    /// <summary>The archive's version has the name, the folder's lies beside it; what was changed comes before what was removed.</summary>
    KeepBoth,

    /// <summary>The folder's version; the archive's is one of its older states.</summary>
    Folder,

    /// <summary>The archive's version; the folder's becomes a state of the archive first.</summary>
    Store,

    /// <summary>The version that was modified last, the archive's where they are of one time; what was changed comes before what was removed.</summary>
    Newer,

    /// <summary>Nothing is done at all until somebody has decided.</summary>
    Stop,
}
