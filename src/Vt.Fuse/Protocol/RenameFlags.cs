namespace Vt.Fuse.Protocol;

/// <summary>As renameat2(2).</summary>
[Flags]
public enum RenameFlags : uint
{
    /// <summary>Replaces what is there.</summary>
    None = 0,

    /// <summary>Fails with EEXIST rather than replace.</summary>
    NoReplace = 1 << 0,

    /// <summary>Swaps the two.</summary>
    Exchange = 1 << 1,

    /// <summary>Leaves a whiteout.</summary>
    Whiteout = 1 << 2,
}
