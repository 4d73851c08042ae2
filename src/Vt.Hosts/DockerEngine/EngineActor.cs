namespace Vt.Hosts.DockerEngine;

/// <summary>What an event is about.</summary>
/// <param name="ID">A container's id, a volume's name.</param>
/// <param name="Attributes">What else the engine says of it; null for nothing.</param>
public sealed record EngineActor(string? ID, IReadOnlyDictionary<string, string>? Attributes);
