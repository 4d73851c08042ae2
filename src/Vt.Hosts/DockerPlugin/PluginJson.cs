using System.Text.Json.Serialization;

namespace Vt.Hosts.DockerPlugin;

/// <summary>Reads and writes the protocol's JSON, and the state's, without reflection; names are those of the properties.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PluginRequest))]
[JsonSerializable(typeof(PluginAnswer))]
[JsonSerializable(typeof(PluginState))]
sealed partial class PluginJson : JsonSerializerContext;

sealed record PluginRequest(string? Name, string? ID, Dictionary<string, string>? Opts);

sealed record PluginAnswer
{
    // Docker takes an empty text for success; Plugin.Activate has none.
    public string? Err { get; init; }

    public string[]? Implements { get; init; }

    public string? Mountpoint { get; init; }

    public PluginVolume? Volume { get; init; }

    public IReadOnlyList<PluginVolume>? Volumes { get; init; }

    public PluginCapabilities? Capabilities { get; init; }
}

sealed record PluginCapabilities(string Scope);
