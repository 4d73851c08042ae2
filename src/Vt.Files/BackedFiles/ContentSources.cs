using System.Diagnostics;
using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Files.Flat;
using Vt.Files.Journal;
using Vt.Files.Reading;

namespace Vt.Files.BackedFiles;

/// <summary>Where the bytes of all files of a live file system come from: the log and the store. Safe from any thread.</summary>
/// <remarks>
/// Memory: at most <see cref="MostNodes"/> decoded nodes (10 KiB each on average), and what the budget allows for read-ahead; open files
/// hold none.
/// </remarks>
sealed class ContentSources : IDisposable
{
    const int MostNodes = 256;

    readonly ReaderCache<StoredContent> _readers;
    readonly NodeCache _nodes = new(MostNodes);
    readonly FlatFiles? _flat;

    /// <summary>Prepares for any number of files.</summary>
    /// <param name="store">Where blocks are.</param>
    /// <param name="front">What isn't stored yet.</param>
    /// <param name="budget">What may be read ahead.</param>
    /// <param name="flat">Contents that lie in plain files as well; null for none.</param>
    public ContentSources(IBlockStore store, IFrontData front, ReadAheadBudget budget, FlatFiles? flat = null)
    {
        _flat = flat;
        Store = store;
        Front = front;
        _readers = new ReaderCache<StoredContent>(store, budget, _nodes);
    }

    /// <summary>The store.</summary>
    public IBlockStore Store { get; }

    /// <summary>What isn't stored yet.</summary>
    public IFrontData Front { get; }

    /// <summary>Decoded nodes of all contents.</summary>
    public NodeCache Nodes => _nodes;

    /// <summary>A reader of stored content for a few reads.</summary>
    public BlockTreeReader Open(StoredContent content) => new(Store, content.Content, _nodes);

    /// <summary>Lets go of what was read ahead of a content.</summary>
    public void Forget(StoredContent content)
    {
        if (IsLong(content))
            _readers.Forget(content);
    }

    /// <summary>
    /// Fills a part's bytes if they are known without the store; false where they have to be read from there.
    /// </summary>
    public bool TryFill(in Extent part, Span<byte> destination)
    {
        switch (part.Source.Kind)
        {
            case ExtentSourceKind.Zero:
                destination.Clear();
                return true;
            case ExtentSourceKind.Log:
                Front.Read(part.Source.Place, destination);
                return true;
        }

        var content = part.Source.Content.Content;
        if (content.Kind == BlockRefKind.Run)
            destination.Fill(content.RunByte);
        else if (content.Kind == BlockRefKind.Literal)
            content.LiteralBytes.Span.Slice((int)part.Source.ContentOffset, destination.Length).CopyTo(destination);
        else
            return false;
        return true;
    }

    /// <summary>
    /// Fills a part's bytes from the flat copy of its content; false where there is none. For who reads a file, and never for what is stored: nobody verifies
    /// those bytes.
    /// </summary>
    public bool TryFillFlat(in Extent part, Span<byte> destination) =>
        _flat is not null && part.Source.Kind == ExtentSourceKind.Stored && _flat.TryRead(part.Source.Content.Content, part.Source.ContentOffset, destination);

    /// <summary>Fills a part's bytes from the store, where nothing else has them, reading ahead where the content is long.</summary>
    public async ValueTask FillAsync(Extent part, Memory<byte> destination, CancellationToken cancellationToken)
    {
        var (content, offset) = (part.Source.Content, part.Source.ContentOffset);
        int read;
        if (IsLong(content))
        {
            var reader = _readers.Find(content) ?? _readers.Open(content, content.Content);
            read = await reader.ReadAsync(offset, destination, cancellationToken);
        }
        else
        {
            read = await Open(content).ReadAsync(offset, destination, cancellationToken);
        }

        if (read != destination.Length)
            throw new UnreachableException($"{read} of {destination.Length} bytes at {offset} of {content.Span} were read");
    }

    /// <summary>How many bytes of a range of stored content lie in holes; reads nodes only.</summary>
    public async ValueTask<long> CountHolesAsync(StoredContent content, long offset, long length, CancellationToken cancellationToken)
    {
        if (content.HoleSpan == 0)
            return 0;
        if (content.HoleSpan is { } known && length == content.Span)
            return known;
        long holes = 0;
        await foreach (var leaf in Open(content).GetLeavesAsync(offset, length, cancellationToken))
            holes += leaf.IsHole ? leaf.Length : 0;
        return holes;
    }

    /// <inheritdoc/>
    public void Dispose() => _readers.Dispose();

    static bool IsLong(StoredContent content) => content.Span > ContentReader.SegmentLength;
}
