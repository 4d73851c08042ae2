namespace Vt.Stores.S3.Access;

/// <summary>Kinds of conditions on a put.</summary>
enum PutConditionKind
{
    /// <summary>The object must not be there: <c>If-None-Match: *</c>.</summary>
    Absent,

    /// <summary>The object must have a certain tag: <c>If-Match</c>.</summary>
    Unchanged,
}
