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

    /// <summary>
    /// A flush fails, what was added since the one before does not last, and nothing more is taken: as of a disk that could not write. Until the store is
    /// opened anew, which is another wrapper of the same store, what is lost can still be read.
    /// </summary>
    LostFlush,

    /// <summary>A read says that the block is not there.</summary>
    AbsentRead,

    /// <summary>A call about references fails as if the store could not be reached.</summary>
    ReferenceError,

    /// <summary>A reference is moved, and the answer is lost: the call fails as if the store could not be reached.</summary>
    LostMove,

    /// <summary>Any call does not end before it is cancelled.</summary>
    Stuck,
}
