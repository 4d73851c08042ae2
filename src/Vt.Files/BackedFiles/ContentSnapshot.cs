namespace Vt.Files.BackedFiles;

/// <summary>
/// A file's content, or a range of it, as it was at one instant. Its bytes in the log stay until it ends: by
/// <see cref="BackedFile.Complete"/> or by disposal, whichever comes first. Safe from any thread.
/// </summary>
sealed class ContentSnapshot : IDisposable
{
    readonly BackedFile _file;
    readonly ContentSources _sources;
    readonly ContentLayers _layers;

    // What the file's sources are expected to be where nothing was changed since, if not the snapshot's own.
    ExtentMap? _expected;

    internal ContentSnapshot(
        BackedFile file, ContentSources sources, in ContentLayers layers, long offset, long length, bool isWhole, StoredContent? before,
        long replacements)
    {
        _file = file;
        _sources = sources;
        _layers = layers;
        Offset = offset;
        Length = length;
        IsWhole = isWhole;
        Before = before;
        Replacements = replacements;
    }

    /// <summary>Where it starts in the file, in bytes; 0 of a whole content.</summary>
    public long Offset { get; }

    /// <summary>How long it is.</summary>
    public long Length { get; }

    /// <summary>Where it ends in the file.</summary>
    public long End => Offset + Length;

    /// <summary>Whether it is the whole content.</summary>
    public bool IsWhole { get; }

    /// <summary>The content in the store that the file was built on.</summary>
    public StoredContent Backing => _layers.Backing;

    /// <summary>
    /// The stored content from the file's start to <see cref="Offset"/> that a range continues; null where there is none.
    /// </summary>
    public StoredContent? Before { get; }

    /// <summary>The content's parts; those outside the range count as well.</summary>
    internal ref readonly ContentLayers Layers => ref _layers;

    /// <summary>What the file's sources still are where nothing was changed since.</summary>
    internal ContentLayers Expected => _expected is null ? _layers : _layers with { Extents = _expected.Current };

    /// <summary>How often the file's content had been replaced as a whole.</summary>
    internal long Replacements { get; }

    /// <summary>What the file doesn't need any more and is let go of when this ends. The file's gate guards it.</summary>
    internal List<Extent> Deferred { get; } = [];

    /// <summary>The parts in order, without gaps. Offsets are the file's. Those in the log may be read until this ends.</summary>
    public IEnumerable<Extent> Parts()
    {
        for (var walk = _layers.Walk(Offset, End); walk.MoveNext();)
            yield return walk.Current;
    }

    /// <summary>Reads bytes, short only at the end.</summary>
    /// <param name="offset">Where from, in bytes from the file's start.</param>
    /// <param name="destination">Receives them.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public ValueTask<int> ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        var length = (int)Math.Clamp(End - offset, 0, destination.Length);
        return BackedFile.ReadAsync(
            ReadPlan.Of(_layers, offset, length, _sources.Front), offset, destination, _sources, mayBeFlat: false, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Release(this);

    /// <summary>
    /// The file takes a range from stored content now where its sources were those of another snapshot; where they are this one's
    /// too, that is no change.
    /// </summary>
    internal void Expect(in ContentLayers layers, long from, long to, StoredContent content, long shift)
    {
        var same = new List<Extent>();
        var comparison = new SourceComparison(Expected, layers, from, to);
        while (comparison.MoveNext())
        {
            if (comparison.IsSame)
                same.Add(comparison.Current);
        }

        if (same.Count == 0)
            return;
        _expected ??= ExtentMap.From(_layers.Extents);
        foreach (var part in same)
            _expected.Put(part.Offset, part.Length, ExtentSource.Stored(content, part.Offset - shift), 0);
    }
}
