using System.Diagnostics;
using Vt.Blocks.BlockTree;
using Vt.Files.Journal;

namespace Vt.Files.BackedFiles;

/// <summary>
/// The content of one file of a live file system: a reference to what is in the store, and a map of what is newer. The byte at an
/// offset before <see cref="Size"/> is the newest extent's that covers it, else the backing's where that is still valid, else zero.
/// </summary>
/// <remarks>
/// <para>Everything that changes it is called with <see cref="Gate"/> held; what is asynchronous takes it by itself, and is
/// called without it. Every range in the log that the file refers to is held once by the file for each time it refers to it.</para>
/// <para>A range that goes out of the map while a snapshot has it is let go of when the last such snapshot is disposed.</para>
/// </remarks>
sealed partial class BackedFile : IDisposable
{
    readonly ContentSources _sources;
    readonly Action<Extent> _wentOut;

    // In the order of their taking.
    readonly List<ContentSnapshot> _snapshots = [];
    ExtentMap _extents;
    StoredContent _backing;

    // How much of the backing's beginning is still valid. Extents beyond it need no zeros between them.
    long _backingLength;

    // Tells a snapshot whether the content was replaced as a whole since.
    long _replacements;
    long _deferredBytes;

    /// <summary>A file whose content is in the store.</summary>
    /// <param name="sources">Where bytes come from.</param>
    /// <param name="backing">The content.</param>
    /// <param name="holeSpan">How many of its bytes lie in holes; null if not known.</param>
    public BackedFile(ContentSources sources, BlockRef backing, long? holeSpan = null)
    {
        _sources = sources;
        _wentOut = WentOut;
        _extents = new ExtentMap(_wentOut);
        _backing = backing.Span == 0 ? StoredContent.Empty : new StoredContent(backing, holeSpan);
        _backingLength = Size = backing.Span;
        RecountHoles();
    }

    /// <summary>Guards everything here.</summary>
    public Lock Gate { get; } = new();

    /// <summary>How long the file is, in bytes.</summary>
    public long Size { get; private set; }

    /// <summary>The content in the store that the file is built on.</summary>
    public BlockRef Backing => _backing.Content;

    /// <summary>Whether the content is exactly <see cref="Backing"/>'s.</summary>
    public bool IsClean => _extents.Count == 0 && _backingLength == _backing.Span && _backingLength == Size;

    /// <summary>How many bytes in the log the file and its snapshots need.</summary>
    public long FrontBytes => _extents.LogBytes + _deferredBytes;

    ContentLayers Layers => new(_extents.Current, _backing, _backingLength, Size);

    /// <summary>The bytes of a range are in the log now. The file grows to the range's end.</summary>
    /// <param name="offset">Where the range starts.</param>
    /// <param name="length">How long it is.</param>
    /// <param name="place">Where they are; the caller's hold on them becomes the file's.</param>
    /// <param name="stamp">Keeps what different epochs wrote apart.</param>
    public void Write(long offset, long length, LogPlace place, uint stamp) => Put(offset, length, ExtentSource.Log(place), stamp);

    /// <summary>The bytes of a range are zero now. The file does not grow.</summary>
    public void Clear(long offset, long length, uint stamp) =>
        Put(offset, Math.Min(length, Math.Max(0, Size - offset)), ExtentSource.Zero, stamp);

    /// <summary>The bytes of a range are those of stored content from an offset on. The file grows to the range's end.</summary>
    public void PutStored(long offset, long length, BlockRef source, long sourceOffset, uint stamp)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sourceOffset, source.Span - length);
        Put(offset, length, ExtentSource.Stored(source, sourceOffset), stamp);
    }

    /// <summary>Puts what <see cref="Sources"/> of this or another file gave, with its holds, at a distance from where it was.</summary>
    /// <param name="sources">Ranges of the other file, in order.</param>
    /// <param name="distance">What to add to their offsets.</param>
    /// <param name="stamp">Keeps what different epochs wrote apart.</param>
    public void PutAll(IReadOnlyList<(long Offset, long Length, ExtentSource Source)> sources, long distance, uint stamp)
    {
        foreach (var (offset, length, source) in sources)
            Put(offset + distance, length, source, stamp);
    }

    /// <summary>Makes the file longer or shorter. What it had behind its new end never comes back: that reads as zero.</summary>
    public void Resize(long size, uint stamp)
    {
        Debug.Assert(Gate.IsHeldByCurrentThread);
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        if (size < Size)
        {
            CoverBacking(size, Size - size);
            _extents.Cut(size);
            _backingLength = Math.Min(_backingLength, size);
            _reserved?.Remove(size + ReservedRanges.Page - 1, long.MaxValue);
        }

        Size = size;
    }

    /// <summary>The whole content is this reference's now.</summary>
    /// <param name="backing">The reference.</param>
    /// <param name="stamp">Keeps what different epochs wrote apart.</param>
    /// <param name="holeSpan">How many of its bytes lie in holes; null if not known.</param>
    public void Replace(BlockRef backing, uint stamp, long? holeSpan = null)
    {
        Debug.Assert(Gate.IsHeldByCurrentThread);
        _extents.Cut(0);
        _reserved = null;
        _replacements++;
        SetBacking(new StoredContent(backing, holeSpan));
        _backingLength = Size = backing.Span;
        RecountHoles();
    }

    /// <summary>
    /// Where a range's bytes come from, for another place that shall have the same: ranges in the log with a hold each that is the
    /// caller's. What lies behind the end is left out. Takes the gate.
    /// </summary>
    public List<(long Offset, long Length, ExtentSource Source)> Sources(long offset, long length)
    {
        var sources = new List<(long, long, ExtentSource)>();
        lock (Gate)
        {
            for (var walk = Layers.Walk(offset, Math.Min(length, long.MaxValue - offset) + offset); walk.MoveNext();)
            {
                var part = walk.Current;
                if (part.Source.Kind == ExtentSourceKind.Log)
                    _sources.Front.Retain(part.Source.Place, part.Length);
                sources.Add((part.Offset, part.Length, part.Source));
            }
        }

        return sources;
    }

    /// <summary>Lets go of everything in the log but what snapshots need; the file is then as if empty. Takes the gate.</summary>
    public void Dispose()
    {
        lock (Gate)
            Replace(BlockRef.Empty, 0);
    }

    void Put(long offset, long length, in ExtentSource source, uint stamp)
    {
        Debug.Assert(Gate.IsHeldByCurrentThread);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (length <= 0)
            return;
        var extent = new Extent(offset, length, source, stamp);
        CoverBacking(offset, length);
        _reserved?.Remove(offset, extent.End);

        // Behind the backing's valid part zeros need no extent.
        var needed = source.Kind == ExtentSourceKind.Zero ? Math.Min(extent.End, _backingLength) : extent.End;
        if (needed > offset)
        {
            _extents.Put(offset, needed - offset, source, stamp);
            CountExtent(extent.Part(offset, needed), 1);
        }

        if (needed < extent.End)
            _extents.Remove(Math.Max(offset, needed), extent.End - Math.Max(offset, needed));
        Size = Math.Max(Size, extent.End);
    }

    void SetBacking(StoredContent backing)
    {
        _sources.Forget(_backing);
        _backing = backing;
    }

    void WentOut(Extent extent)
    {
        CountExtent(extent, -1);
        if (extent.Source.Kind == ExtentSourceKind.Log)
            LetGo(extent, _snapshots.Count);
    }

    // Lets go of a range in the log, or has the newest of the first `count` snapshots do so that have it.
    void LetGo(Extent extent, int count)
    {
        while (count > 0)
        {
            var snapshot = _snapshots[--count];
            var from = Math.Max(extent.Offset, snapshot.Offset);
            var to = Math.Min(extent.End, snapshot.End);
            if (from >= to)
                continue;
            if (extent.Offset < from)
                LetGo(extent.Part(extent.Offset, from), count);
            if (to < extent.End)
                LetGo(extent.Part(to, extent.End), count);
            for (var walk = snapshot.Layers.Walk(from, to); walk.MoveNext();)
            {
                var part = extent.Part(walk.Current.Offset, walk.Current.End);
                if (part.Source == walk.Current.Source)
                    Defer(snapshot, part);
                else
                    LetGo(part, count);
            }

            return;
        }

        _sources.Front.Release(extent.Source.Place, extent.Length);
    }

    void Defer(ContentSnapshot snapshot, in Extent extent)
    {
        snapshot.Deferred.Add(extent);
        _deferredBytes += extent.Length;
    }
}
