namespace Vt.Blocks.Contracts;

/// <summary>What a cache has been good for.</summary>
/// <param name="Name">What is in it.</param>
/// <param name="Hits">How often it had what somebody asked for.</param>
/// <param name="Misses">How often it hadn't.</param>
/// <param name="Bytes">About how much memory it takes now.</param>
public readonly record struct CacheFigures(string Name, long Hits, long Misses, long Bytes);
