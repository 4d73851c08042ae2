namespace Vt.Tests.Support.S3;

/// <summary>A request that went by.</summary>
/// <param name="Method">Its method.</param>
/// <param name="Key">The bucket and the object's key, or the bucket and the query of a listing.</param>
/// <param name="Length">Its body's bytes.</param>
public sealed record SeenRequest(string Method, string Key, long Length)
{
    /// <summary>The first and the last byte that it asked for, where it named them.</summary>
    public (long First, long Last)? Range { get; init; }
}
