namespace Vt.Stores.S3.Access;

/// <summary>What must hold of an object for a put of it to be made.</summary>
/// <param name="Kind">Whether anything, and what.</param>
/// <param name="ETag">The tag that it must have now, without quotes.</param>
readonly record struct PutCondition(PutConditionKind Kind, string ETag = "")
{
    /// <summary>The object must not be there.</summary>
    public static PutCondition Absent => new(PutConditionKind.Absent);

    /// <summary>The object must be the one that has a tag.</summary>
    public static PutCondition Unchanged(string etag) => new(PutConditionKind.Unchanged, etag);
}
