using Vt.Blocks.BlockTree;
using Vt.Blocks.Chunking;
using Vt.Blocks.Chunking.Scanners;
using Vt.Blocks.Contracts;

namespace Vt.Files.BackedFiles;

/// <summary>
/// Stores contents of files: small new ones together, large new ones by a writer that hashes and compresses on other threads, and
/// those that are built on stored content by splicing, which costs what was changed. New content gets the very reference that
/// import gives the same bytes under the same name. Not thread safe; each thread has its own.
/// </summary>
/// <remarks>
/// A store that fails is an exception; contents that were stored until then have their jobs done, and no bytes of the others are
/// lost, since their snapshots have them. Memory: 2 MiB for small contents and, while a large one is stored, a
/// <see cref="BlockTreeWriter"/>'s: 1.2 MiB for each worker and one more.
/// </remarks>
sealed class ContentStorer : IAsyncDisposable
{
    /// <summary>A new content that is longer than this, in bytes, is stored by itself.</summary>
    public const long LargestSmall = 1 << 20;

    // With the largest small content 2 MiB, which is a size that pools of arrays have.
    const int SmallBytesTogether = 1 << 20;

    readonly ContentSources _sources;
    readonly IBlockStore _store;
    readonly BlockTreeWriterOptions _large;
    readonly ContentBatch _contents;
    readonly List<StoreJob> _waiting = [];
    readonly Dictionary<Scanner, Chunker> _chunkers = [];
    readonly Chunker _plain;
    readonly byte[] _head = new byte[ScannerChoice.HeadLength];

    /// <summary>Prepares for any number of contents.</summary>
    /// <param name="sources">Where their bytes are, and the store that they go to.</param>
    /// <param name="workers">On how many further threads a large new content is hashed and compressed; what suits the store where null.</param>
    public ContentStorer(ContentSources sources, int? workers = null)
    {
        _sources = sources;
        _store = sources.Store;
        _large = workers is { } given ? new BlockTreeWriterOptions { Workers = given } : BlockTreeWriterOptions.ForLarge(_store);
        _contents = new ContentBatch(_store.Hasher, (int)(SmallBytesTogether + LargestSmall));
        _plain = new Chunker(_store.Chunking);
    }

    /// <summary>
    /// Stores contents. A range that continues stored content gives the reference to all from the file's start to its end, as
    /// <see cref="AppendAsync"/> does.
    /// </summary>
    /// <param name="jobs">Each has its result when the task completes; in what order they get it is open.</param>
    /// <param name="cancellationToken">Gives up; jobs that are done by then stay done.</param>
    public async ValueTask StoreAsync(IReadOnlyList<StoreJob> jobs, CancellationToken cancellationToken = default)
    {
        _contents.Clear();
        _waiting.Clear();
        foreach (var job in jobs)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (job.Snapshot.Before is { } before)
                await SpliceAsync(job, before, cancellationToken);
            else if (job.Snapshot.Parts().Any(static part => part.Source.Kind == ExtentSourceKind.Stored))
                await SpliceAsync(job, null, cancellationToken);
            else if (job.Snapshot.Length <= LargestSmall)
                await TakeSmallAsync(job, cancellationToken);
            else
                await StoreLargeAsync(job, cancellationToken);
        }

        await StoreSmallAsync(cancellationToken);
    }

    /// <summary>Stores a range that continues stored content.</summary>
    /// <param name="before">The content from the file's start to the range's.</param>
    /// <param name="range">What comes behind it.</param>
    /// <param name="name">The file's name, or empty.</param>
    /// <param name="mimeType">The value of the attribute user.mime_type, or empty.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>All from the file's start to the range's end.</returns>
    public async ValueTask<BlockRef> AppendAsync(
        BlockRef before, ContentSnapshot range, ReadOnlyMemory<byte> name = default, ReadOnlyMemory<byte> mimeType = default,
        CancellationToken cancellationToken = default)
    {
        if (before.Span != range.Offset)
        {
            throw new ArgumentException(
                $"the range starts at {range.Offset} and not behind the {before.Span} bytes before it", nameof(before));
        }

        var job = new StoreJob(range, name, mimeType);
        var known = range.Before is { } stored && stored.Content == before ? stored : new StoredContent(before);
        await SpliceAsync(job, before.Span == 0 ? null : known, cancellationToken);
        return job.Content;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _contents.Dispose();
        return default;
    }

    async ValueTask TakeSmallAsync(StoreJob job, CancellationToken cancellationToken)
    {
        var length = (int)job.Snapshot.Length;
        if (_contents.Free.Length < length)
            await StoreSmallAsync(cancellationToken);
        var room = _contents.Free[..length];
        await job.Snapshot.ReadAsync(job.Snapshot.Offset, room, cancellationToken);
        _contents.Add(length, ChunkerFor(job, room.Span[..Math.Min(length, ScannerChoice.HeadLength)]));
        _waiting.Add(job);
    }

    async ValueTask StoreSmallAsync(CancellationToken cancellationToken)
    {
        await _contents.StoreAsync(_store, cancellationToken);
        for (var i = 0; i < _waiting.Count; i++)
            _waiting[i].Complete(_contents.References[i], _contents.HoleSpans[i]);
        _waiting.Clear();
        _contents.Clear();
    }

    async ValueTask StoreLargeAsync(StoreJob job, CancellationToken cancellationToken)
    {
        var rule = await ChooseAsync(job, null, cancellationToken);
        await using var writer = new BlockTreeWriter(_store, rule, _large);
        foreach (var run in SourceRuns(job.Snapshot))
        {
            if (run.Source.Kind == ExtentSourceKind.Zero)
            {
                await writer.WriteRunAsync(0, run.Length, cancellationToken);
                continue;
            }

            for (long at = 0; at < run.Length;)
            {
                var room = writer.GetMemory();
                var count = (int)Math.Min(room.Length, run.Length - at);
                _sources.Front.Read(run.Source.Place.Plus(at), room.Span[..count]);
                await writer.AdvanceAsync(count, cancellationToken);
                at += count;
            }
        }

        var content = await writer.CompleteAsync(cancellationToken);
        job.Complete(content, writer.HoleSpan);
    }

    async ValueTask SpliceAsync(StoreJob job, StoredContent? before, CancellationToken cancellationToken)
    {
        var rule = await ChooseAsync(job, before, cancellationToken);
        var isLong = job.Snapshot.Parts().Any(static part => part.Source.Kind == ExtentSourceKind.Log && part.Length > LargestSmall);
        var options = isLong ? _large : null;
        var splicer = new BlockTreeSplicer(_store, rule, _sources.Nodes, options);
        var (content, newHoles) = await splicer.ComposeCountingAsync(Pieces(job.Snapshot, before), cancellationToken);
        job.Complete(content, await CountHolesAsync(job.Snapshot, before, content, newHoles, cancellationToken));
    }

    IEnumerable<ContentPiece> Pieces(ContentSnapshot snapshot, StoredContent? before)
    {
        if (before is not null)
            yield return ContentPiece.Of(before.Content);
        foreach (var run in SourceRuns(snapshot))
        {
            yield return run.Source.Kind switch
            {
                ExtentSourceKind.Stored => ContentPiece.Of(run.Source.Content.Content, run.Source.ContentOffset, run.Length),
                ExtentSourceKind.Zero => ContentPiece.Of(BlockRef.Run(0, run.Length)),
                _ => ContentPiece.Of(run.Length, (offset, destination, _) =>
                {
                    _sources.Front.Read(run.Source.Place.Plus(offset), destination.Span);
                    return default;
                }),
            };
        }
    }

    // The snapshot's parts, with those that continue each other in their source as one, whatever their stamps.
    static IEnumerable<Extent> SourceRuns(ContentSnapshot snapshot)
    {
        var run = default(Extent);
        foreach (var part in snapshot.Parts())
        {
            if (run.Length > 0 && run.IsContinuedBy(part))
            {
                run = run with { Length = run.Length + part.Length };
                continue;
            }

            if (run.Length > 0)
                yield return run;
            run = part;
        }

        if (run.Length > 0)
            yield return run;
    }

    // Where what was taken over has holes, they are counted from how the content differs from what it was built on.
    async ValueTask<long> CountHolesAsync(
        ContentSnapshot snapshot, StoredContent? before, BlockRef content, long newHoles, CancellationToken cancellationToken)
    {
        if ((before is null || before.HoleSpan == 0)
            && snapshot.Parts().All(static part => part.Source.Kind != ExtentSourceKind.Stored || part.Source.Content.HoleSpan == 0))
        {
            return newHoles;
        }

        var all = new StoredContent(content);
        var old = before ?? snapshot.Backing;
        if (old.Span == 0 && snapshot.Parts().First().Source is { Kind: ExtentSourceKind.Stored, ContentOffset: 0 } first)
            old = first.Content;
        if (old.HoleSpan is not { } holes || old.Span == 0)
            return await _sources.CountHolesAsync(all, 0, all.Span, cancellationToken);

        // A byte that differs may make a hole of the zeros around it, or take them their hole.
        const int Around = IChunkCutter.MinimumRun;
        var comparer = new BlockTreeComparer(_store, _store);
        await foreach (var range in comparer.CompareAsync(old.Content, content, 2 * Around, cancellationToken))
        {
            var from = Math.Max(0, range.Offset - Around);
            var to = range.End + Around;
            holes += await _sources.CountHolesAsync(all, from, Math.Max(0, Math.Min(to, all.Span) - from), cancellationToken);
            holes -= await _sources.CountHolesAsync(
                new StoredContent(old.Content), from, Math.Max(0, Math.Min(to, old.Span) - from), cancellationToken);
        }

        return holes;
    }

    async ValueTask<Chunker> ChooseAsync(StoreJob job, StoredContent? before, CancellationToken cancellationToken)
    {
        // Type and name come first, so that the content need not be read where they say enough.
        if (ScannerChoice.Choose(job.Name.Span, job.MimeType.Span, []) is { } scanner)
            return ChunkerOf(scanner);
        var inBefore = before is null ? 0 : await _sources.Open(before).ReadAsync(0, _head, cancellationToken);
        var count = inBefore + await job.Snapshot.ReadAsync(job.Snapshot.Offset, _head.AsMemory(inBefore), cancellationToken);
        return ChunkerFor(job, _head.AsSpan(0, count));
    }

    Chunker ChunkerFor(StoreJob job, ReadOnlySpan<byte> head) =>
        ScannerChoice.Choose(job.Name.Span, job.MimeType.Span, head) is { } scanner ? ChunkerOf(scanner) : _plain;

    Chunker ChunkerOf(Scanner scanner)
    {
        if (!_chunkers.TryGetValue(scanner, out var chunker))
            _chunkers.Add(scanner, chunker = new Chunker(_store.Chunking, scanner));
        return chunker;
    }
}
