namespace Vt.Stores.Config;

/// <summary>Blocks in this process's memory, gone when it ends.</summary>
public sealed record MemorySettings : StoreSettings
{
    /// <summary>The word for this type.</summary>
    public const string Type = "memory";

    const long SmallestMaxData = 64 << 10;

    /// <inheritdoc/>
    public override string TypeName => Type;

    /// <summary>How many bytes of blocks it takes before it is full.</summary>
    public long MaxData { get; init; } = long.MaxValue;

    internal static MemorySettings Read(ClauseReader clause) => new() { MaxData = clause.Size("max_data", SmallestMaxData) ?? long.MaxValue };
}
