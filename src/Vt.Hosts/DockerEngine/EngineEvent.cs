namespace Vt.Hosts.DockerEngine;

/// <summary>Something that happened in the engine.</summary>
/// <param name="Type">Of what: <c>container</c>, <c>volume</c> and others.</param>
/// <param name="Action">What: <c>start</c>, <c>die</c>, <c>mount</c>, <c>unmount</c> and others.</param>
/// <param name="Actor">Which one; null where the engine does not say.</param>
public sealed record EngineEvent(string? Type, string? Action, EngineActor? Actor);
