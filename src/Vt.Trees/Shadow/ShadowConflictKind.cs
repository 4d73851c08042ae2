namespace Vt.Trees.Shadow;

/// <summary>In what a folder and an archive conflict.</summary>
public enum ShadowConflictKind
{
    /// <summary>Both changed the content.</summary>
    Content,

    /// <summary>Both changed owner, mode or attributes.</summary>
    Metadata,

    /// <summary>They made things of different kinds of it.</summary>
    Kind,

    /// <summary>The folder removed what the archive changed.</summary>
    RemovedInFolder,

    /// <summary>The archive removed what the folder changed.</summary>
    RemovedInStore,
}
