namespace Vt.Stores.S3.Access;

/// <summary>What is known after a conditional put.</summary>
enum PutOutcomeKind
{
    /// <summary>It was made.</summary>
    Done,

    /// <summary>The server says that the condition did not hold: by 412, or by 404 where the object was to have a tag.</summary>
    Refused,

    /// <summary>It may have been made, may be made yet, or not: a lost connection, a timeout, 409, 5xx.</summary>
    Unknown,

    /// <summary>The server has no such conditions: 501.</summary>
    NotOffered,
}
