namespace Vt.Stores.S3.Access;

/// <summary>A small object, read whole.</summary>
/// <param name="Bytes">Its bytes.</param>
/// <param name="ETag">Its tag, without quotes.</param>
readonly record struct FetchedObject(byte[] Bytes, string ETag);
