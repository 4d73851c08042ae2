namespace Vt.Files.Checkpoints;

/// <summary>The order of directories: by the bytes of the names.</summary>
sealed class NameOrder : IComparer<byte[]>
{
    NameOrder()
    {
    }

    /// <summary>The one that there is.</summary>
    public static NameOrder Instance { get; } = new();

    /// <inheritdoc/>
    public int Compare(byte[]? x, byte[]? y) => x.AsSpan().SequenceCompareTo(y);
}
