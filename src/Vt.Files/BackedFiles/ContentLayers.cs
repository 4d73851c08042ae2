namespace Vt.Files.BackedFiles;

/// <summary>
/// What a file's content is made of: the newest extent that covers a byte, else the backing as far as it is valid, else zero.
/// </summary>
/// <param name="Extents">What is newer than the backing; nothing at or behind <paramref name="Size"/>.</param>
/// <param name="Backing">The content in the store that the file started from.</param>
/// <param name="BackingLength">How much of the backing's beginning is still valid; at most <paramref name="Size"/>.</param>
/// <param name="Size">How long the file is, in bytes.</param>
readonly record struct ContentLayers(ExtentView Extents, StoredContent Backing, long BackingLength, long Size)
{
    /// <summary>Goes through the parts of a range in order; what lies behind the end is left out.</summary>
    public ContentWalk Walk(long from, long to) => new(this, from, Math.Min(to, Size));
}
