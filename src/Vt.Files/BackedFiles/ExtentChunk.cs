namespace Vt.Files.BackedFiles;

/// <summary>Some neighbouring extents of an <see cref="ExtentMap"/>: its own to change only while it is the owner.</summary>
sealed class ExtentChunk(object owner, int capacity)
{
    /// <summary>The most extents that a chunk has.</summary>
    public const int Most = 128;

    /// <summary>Who may change it; everybody else makes a copy.</summary>
    public readonly object Owner = owner;

    /// <summary>The extents, in order; those from <see cref="Count"/> on are free.</summary>
    public Extent[] Items = new Extent[capacity];

    /// <summary>How many there are.</summary>
    public int Count;

    /// <summary>A copy for another owner.</summary>
    public ExtentChunk CopyFor(object owner)
    {
        var copy = new ExtentChunk(owner, Items.Length) { Count = Count };
        Items.AsSpan(0, Count).CopyTo(copy.Items);
        return copy;
    }
}
