using Vt.Blocks.Chunking;
using Vt.Blocks.Hashing;

namespace Vt.Stores.Config;

/// <summary>A folder of pack files.</summary>
/// <param name="Path">The folder, absolute.</param>
public sealed record DataDirSettings(string Path) : StoreSettings
{
    /// <summary>The word for this type.</summary>
    public const string Type = "datadir";

    internal const string PathKey = "path";

    const long SmallestPack = 1 << 20;
    const long LargestPack = 1L << 34;

    /// <inheritdoc/>
    public override string TypeName => Type;

    /// <inheritdoc/>
    public override string Name => $"{Type} {Path}";

    /// <summary>The algorithm of a store that is yet to be made, where the settings name one.</summary>
    public HashAlgorithmId? Hash { get; init; }

    /// <summary>The average block size in bytes of a store that is yet to be made, where the settings name one.</summary>
    public int? BlockSize { get; init; }

    /// <summary>How large a pack grows, in bytes, in a store that is yet to be made, where the settings say.</summary>
    public long? PackSize { get; init; }

    /// <summary>The compression level of a store that is yet to be made, where the settings say.</summary>
    public int? Level { get; init; }

    /// <summary>How many bytes its packs may have before it takes no more.</summary>
    public long MaxSize { get; init; } = long.MaxValue;

    internal static DataDirSettings Read(ClauseReader clause) => new(clause.Path(PathKey, clause.Clause.Name))
    {
        Hash = clause.Hash("hashname"),
        BlockSize = (int?)clause.Size("block_size", 1 << 10, ChunkingParameters.LargestBlock / 4),
        PackSize = clause.Size("pack_size", SmallestPack, LargestPack),
        MaxSize = clause.Size("max_size", SmallestPack) ?? long.MaxValue,
        Level = clause.Number("level", -7, 19, "compression level"),
    };
}
