namespace Vt.Trees.Watch;

/// <summary>Compares paths by their bytes.</summary>
public sealed class PathBytes : IEqualityComparer<byte[]>
{
    /// <summary>The only one.</summary>
    public static PathBytes Instance { get; } = new();

    /// <summary>The path of a name in a folder.</summary>
    public static byte[] Join(ReadOnlySpan<byte> folder, ReadOnlySpan<byte> name) => folder.IsEmpty ? name.ToArray() : [.. folder, (byte)'/', .. name];

    /// <inheritdoc/>
    public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

    /// <inheritdoc/>
    public int GetHashCode(byte[] obj)
    {
        var hash = default(HashCode);
        hash.AddBytes(obj);
        return hash.ToHashCode();
    }
}
