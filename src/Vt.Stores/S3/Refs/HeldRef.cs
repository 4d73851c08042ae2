namespace Vt.Stores.S3.Refs;

/// <summary>A reference as it was read or written last.</summary>
/// <param name="Object">Its content.</param>
/// <param name="ETag">Its object's tag.</param>
sealed record HeldRef(RefObject Object, string ETag);
