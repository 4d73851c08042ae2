namespace Vt.Stores.S3.Access;

/// <summary>A row of a listing.</summary>
/// <param name="Key">The key, without the store's prefix.</param>
/// <param name="Length">The object's bytes.</param>
/// <param name="ETag">Its tag, without quotes.</param>
/// <param name="Modified">When it was put, by the server's clock.</param>
readonly record struct ListedObject(string Key, long Length, string ETag, DateTimeOffset Modified);
