namespace Vt.Stores.Streams.Protocol;

/// <summary>Why a request could not be answered. The numbers are the wire's.</summary>
public enum StreamFaultKind : byte
{
    /// <summary>Something that has no kind here.</summary>
    Other = 0,

    /// <summary>The store behind can't answer, and asking again won't help.</summary>
    Unavailable = 1,

    /// <summary>The store behind can't answer now.</summary>
    UnavailableNow = 2,

    /// <summary>No room is left.</summary>
    Full = 3,

    /// <summary>A block is damaged there.</summary>
    Corrupt = 4,

    /// <summary>The request makes no sense.</summary>
    Invalid = 5,

    /// <summary>This client may not do that.</summary>
    Refused = 6,

    /// <summary>The store behind can't do that at all.</summary>
    Unsupported = 7,

    /// <summary>Blocks did not arrive as they were sent.</summary>
    Garbled = 8,

    /// <summary>The client no longer wanted it.</summary>
    Cancelled = 9,

    /// <summary>There are too many clients just now.</summary>
    Busy = 10,
}
