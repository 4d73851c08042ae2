namespace Vt.Stores.Http;

/// <summary>What a server says of its store.</summary>
/// <param name="Protocol">The protocol's version.</param>
/// <param name="Hash">The name of its hash algorithm.</param>
/// <param name="Chunking">How its writers cut.</param>
/// <param name="IsComplete">Whether a present tree block means that all that it refers to is present.</param>
/// <param name="IsWritable">Whether blocks and references may be changed by who asked.</param>
public sealed record StoreInfo(int Protocol, string Hash, ChunkingInfo Chunking, bool IsComplete, bool IsWritable);
