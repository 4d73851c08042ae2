namespace Vt.Stores.Platonic;

/// <summary>The order of paths: that of their bytes.</summary>
sealed class PathOrder : IComparer<byte[]>, IEqualityComparer<byte[]>
{
    /// <summary>The only one.</summary>
    public static PathOrder Instance { get; } = new();

    public int Compare(byte[]? x, byte[]? y) => x.AsSpan().SequenceCompareTo(y);

    public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

    public int GetHashCode(byte[] obj)
    {
        var hash = default(HashCode);
        hash.AddBytes(obj);
        return hash.ToHashCode();
    }
}
