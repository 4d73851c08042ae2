namespace Vt.Files;

/// <summary>When reading moves the time of the last access; see doc/design/005-live.md.</summary>
public enum AccessTimePolicy
{
    /// <summary>
    /// By the rule of <see cref="Relative"/>, for reads that reach the file system, and in memory: it is stored along with the next other change of the
    /// inode, and forgotten with the inode. So reading never makes a new state.
    /// </summary>
    Lazy,

    /// <summary>Never; only who sets it moves it (noatime).</summary>
    Never,

    /// <summary>
    /// Where it is not behind the last change of the content and of the inode, or a day old (relatime). It is a change like any other.
    /// </summary>
    Relative,

    /// <summary>With each open of a file that is read, and each listing (strictatime).</summary>
    Strict,
}
