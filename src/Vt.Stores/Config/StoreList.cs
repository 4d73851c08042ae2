namespace Vt.Stores.Config;

/// <summary>Settings of several stores, in order; equal where all of them are.</summary>
/// <param name="Stores">The settings.</param>
public sealed record StoreList(params IReadOnlyList<StoreSettings> Stores)
{
    /// <summary>No store.</summary>
    public static StoreList None { get; } = new();

    /// <inheritdoc/>
    public bool Equals(StoreList? other) => other is not null && Stores.SequenceEqual(other.Stores);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var store in Stores)
            hash.Add(store);
        return hash.ToHashCode();
    }
}
