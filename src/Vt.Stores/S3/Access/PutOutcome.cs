namespace Vt.Stores.S3.Access;

/// <summary>What is known after a conditional put.</summary>
/// <param name="Kind">Whether it was made.</param>
/// <param name="ETag">The object's new tag, where it was.</param>
/// <param name="Cause">Why nothing is known, where nothing is.</param>
readonly record struct PutOutcome(PutOutcomeKind Kind, string ETag = "", Exception? Cause = null);
