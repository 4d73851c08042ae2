namespace Vt.Trees.Import;

/// <summary>What the walker found, in the order of the tree.</summary>
enum ImportStepKind : byte
{
    /// <summary>A directory starts.</summary>
    Enter,

    /// <summary>A directory ends.</summary>
    Leave,

    /// <summary>An entry that is finished.</summary>
    Put,

    /// <summary>An entry that a job finishes.</summary>
    PutFile,

    /// <summary>A further name of an inode that came before.</summary>
    PutLink,

    /// <summary>A name of the previous state that is to go.</summary>
    Remove,

    /// <summary>Something to report.</summary>
    Issue,
}
