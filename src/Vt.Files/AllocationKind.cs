namespace Vt.Files;

/// <summary>What fallocate(2) is to do with a range.</summary>
public enum AllocationKind
{
    /// <summary>Make sure that there is room; content stays.</summary>
    Allocate,

    /// <summary>Make a hole of it; the file keeps its length.</summary>
    PunchHole,

    /// <summary>Make it zeros.</summary>
    ZeroRange,
}
