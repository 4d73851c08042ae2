namespace Vt.Stores.S3.Access;

/// <summary>What a failed request means.</summary>
enum FaultKind
{
    /// <summary>It may succeed when it is tried again.</summary>
    Transient,

    /// <summary>There is no such object.</summary>
    Missing,

    /// <summary>The asked range lies behind the object's end.</summary>
    OutOfRange,

    /// <summary>A condition did not hold.</summary>
    ConditionFailed,

    /// <summary>The server can't do this at all.</summary>
    NotOffered,

    /// <summary>There is no room, or a quota is used up.</summary>
    Full,

    /// <summary>Something that the user can put right: credentials, the bucket, rights.</summary>
    User,

    /// <summary>Anything else.</summary>
    Permanent,
}
