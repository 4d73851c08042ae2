namespace Vt.Posix;

/// <summary>How a lock is held.</summary>
public enum LockKind
{
    /// <summary>Together with other shared holders.</summary>
    Shared,

    /// <summary>Alone.</summary>
    Exclusive,
}
