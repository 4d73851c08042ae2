using Vt.Blocks.Hashing;

namespace Vt.Stores.Config;

/// <summary>A folder of pack files.</summary>
/// <param name="Path">The folder, absolute.</param>
public sealed record DataDirSettings(string Path) : StoreSettings
{
    /// <summary>The word for this type.</summary>
    public const string Type = "datadir";

    /// <inheritdoc/>
    public override string TypeName => Type;

    /// <summary>The algorithm of a store that is yet to be made, where the settings name one.</summary>
    public HashAlgorithmId? Hash { get; init; }

    /// <summary>The average block size in bytes of a store that is yet to be made, where the settings name one.</summary>
    public int? BlockSize { get; init; }

    /// <summary>How large a pack grows, in bytes, in a store that is yet to be made, where the settings say.</summary>
    public long? PackSize { get; init; }

    /// <summary>The compression level of a store that is yet to be made, where the settings say.</summary>
    public int? Level { get; init; }
}
