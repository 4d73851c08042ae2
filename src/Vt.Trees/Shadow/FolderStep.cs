namespace Vt.Trees.Shadow;

/// <summary>What is to be done at a name of a folder.</summary>
enum FolderStep
{
    /// <summary>Nothing, it is as it should be.</summary>
    None,

    /// <summary>It is a directory on both sides: what is below, and its own metadata.</summary>
    Enter,

    /// <summary>It goes, with all that is known to be below it.</summary>
    Remove,

    /// <summary>It is made, and comes in the place of what is there.</summary>
    Place,

    /// <summary>It becomes another name of an inode that the folder has.</summary>
    Link,

    /// <summary>Its owner, mode, attributes or time change.</summary>
    Alter,
}
