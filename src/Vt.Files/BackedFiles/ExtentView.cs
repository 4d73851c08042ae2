namespace Vt.Files.BackedFiles;

/// <summary>The extents of an <see cref="ExtentMap"/>: what <see cref="ExtentMap.Freeze"/> gave never changes.</summary>
/// <param name="chunks">Chunks in order, none empty.</param>
/// <param name="firsts">Where the first extent of each chunk starts.</param>
/// <param name="chunkCount">How many of both there are.</param>
/// <param name="count">How many extents there are.</param>
readonly struct ExtentView(ExtentChunk[] chunks, long[] firsts, int chunkCount, int count)
{
    readonly ExtentChunk[]? _chunks = chunks;
    readonly long[]? _firsts = firsts;
    readonly int _chunkCount = chunkCount;

    /// <summary>How many extents there are.</summary>
    public int Count { get; } = count;

    /// <summary>The chunks; for a map that starts with these extents.</summary>
    public ReadOnlySpan<ExtentChunk> Chunks => _chunks.AsSpan(0, _chunkCount);

    /// <summary>Goes through the extents, from the first that ends behind an offset.</summary>
    public Enumerator From(long offset)
    {
        var (chunk, index) = Locate(offset);
        return new Enumerator(this, chunk, index - 1);
    }

    /// <summary>
    /// The place of the first extent that ends behind an offset: a chunk and an index in it; the number of chunks and 0 where
    /// there is none.
    /// </summary>
    public (int Chunk, int Index) Locate(long offset)
    {
        if (_chunkCount == 0)
            return (0, 0);
        var chunk = _firsts.AsSpan(0, _chunkCount).BinarySearch(offset);
        if (chunk < 0)
            chunk = Math.Max(0, ~chunk - 1);
        var items = _chunks![chunk].Items.AsSpan(0, _chunks[chunk].Count);
        var (low, high) = (0, items.Length);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (items[middle].End > offset)
                high = middle;
            else
                low = middle + 1;
        }

        return low < items.Length ? (chunk, low) : (chunk + 1, 0);
    }

    /// <summary>Goes from extent to extent.</summary>
    public struct Enumerator(ExtentView view, int chunk, int index)
    {
        int _chunk = chunk;
        int _index = index;

        /// <summary>The extent, once <see cref="MoveNext"/> has said that there is one.</summary>
        public readonly ref readonly Extent Current => ref view._chunks![_chunk].Items[_index];

        /// <summary>Goes to the next extent; false where there is none.</summary>
        public bool MoveNext()
        {
            if (_chunk >= view._chunkCount)
                return false;
            if (++_index < view._chunks![_chunk].Count)
                return true;
            _index = 0;
            return ++_chunk < view._chunkCount;
        }
    }
}
