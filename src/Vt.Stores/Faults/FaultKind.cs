namespace Vt.Stores.Faults;

/// <summary>What a <see cref="FaultyStore"/> does wrong.</summary>
public enum FaultKind
{
    /// <summary>Any call takes longer.</summary>
    Delay,

    /// <summary>Any call fails as if the store could not be reached.</summary>
    Error,

    /// <summary>A read gives only the first half of the block.</summary>
    TruncatedRead,

    /// <summary>A read gives the block with one bit flipped.</summary>
    BitFlip,

    /// <summary>An add is made twice, as a repeated request makes it.</summary>
    DuplicateAdd,

    /// <summary>An add is refused as if the store were full.</summary>
    DiskFull,

    /// <summary>A listing leaves out what was added since the store was wrapped.</summary>
    StaleList,

    /// <summary>A flush fails.</summary>
    FlushFailure,
}
