using System.Text.Json.Serialization;

namespace Vt.Stores.Http;

/// <summary>Reads and writes the protocol's JSON without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StoreInfo))]
[JsonSerializable(typeof(StaticManifest))]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(HttpProblem))]
[JsonSerializable(typeof(RefValue))]
[JsonSerializable(typeof(RefMove))]
[JsonSerializable(typeof(RefMoved))]
[JsonSerializable(typeof(RefLogLine))]
[JsonSerializable(typeof(AddedBlocks))]
public sealed partial class HttpStoreJson : JsonSerializerContext;
