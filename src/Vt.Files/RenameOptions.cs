namespace Vt.Files;

/// <summary>How to rename: the flags of renameat2(2).</summary>
[Flags]
public enum RenameOptions
{
    /// <summary>What stands at the new name is replaced.</summary>
    None = 0,

    /// <summary>Fails where the new name is taken.</summary>
    NoReplace = 1,

    /// <summary>Both names change places.</summary>
    Exchange = 2,

    /// <summary>A whiteout (a character device 0/0) stays at the old name.</summary>
    Whiteout = 4,
}
