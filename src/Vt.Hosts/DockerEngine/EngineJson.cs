using System.Text.Json.Serialization;

namespace Vt.Hosts.DockerEngine;

/// <summary>Reads and writes the Docker Engine's JSON without reflection; its names are those of the properties.</summary>
[JsonSerializable(typeof(EngineContainer[]))]
[JsonSerializable(typeof(EngineInspection))]
[JsonSerializable(typeof(EngineImage))]
[JsonSerializable(typeof(EngineVolumes))]
[JsonSerializable(typeof(EngineFault))]
[JsonSerializable(typeof(EngineExecRequest))]
[JsonSerializable(typeof(EngineExecStart))]
[JsonSerializable(typeof(EngineExec))]
[JsonSerializable(typeof(EngineEvent))]
[JsonSerializable(typeof(Dictionary<string, string[]>))]
sealed partial class EngineJson : JsonSerializerContext;

sealed record EngineMount(string? Name, string? Driver, string? Destination);

sealed record EngineVolumes(EngineMount[]? Volumes);

sealed record EngineContainer(
    string Id, string[]? Names, string? Image, string? ImageID, string? Command, string? State, Dictionary<string, string>? Labels, EngineMount[]? Mounts);

sealed record EngineInspection(EngineState? State, EngineHostConfig? HostConfig);

sealed record EngineState(string? Status, bool Running, bool Paused);

sealed record EngineHostConfig(bool AutoRemove);

sealed record EngineImage(string? Id, string[]? RepoDigests);

// The one answer whose property begins with a small letter.
sealed record EngineFault([property: JsonPropertyName("message")] string? Message);

sealed record EngineExecRequest(bool AttachStdout, bool AttachStderr, string[] Cmd);

sealed record EngineExecStart(bool Detach, bool Tty);

sealed record EngineExec(string? Id, int? ExitCode, bool Running);
