using Vt.Blocks.Contracts;

namespace Vt.Stores.Cache;

/// <summary>What a cache folder holds.</summary>
/// <param name="Path">The folder.</param>
/// <param name="Behind">The store that it stands before.</param>
/// <param name="Bytes">What its segments and its table take, in bytes.</param>
/// <param name="Segments">How many segments there are.</param>
/// <param name="Hits">Reads that it answered, for all processes since it was made.</param>
/// <param name="Misses">Reads that it did not.</param>
/// <param name="Lag">What waits to be sent.</param>
public sealed record CacheInfo(string Path, string Behind, long Bytes, int Segments, long Hits, long Misses, StoreLag Lag);
