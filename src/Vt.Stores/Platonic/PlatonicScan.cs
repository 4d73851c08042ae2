using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Blocks.Hashing;
using Vt.Posix;

namespace Vt.Stores.Platonic;

/// <summary>
/// The writing of a platonic store's index, by one process at a time. Whoever scans tells what files have; what was told is durable at the end, and from time
/// to time before, so that an interrupted scan need not read those files again. Thread-safe, but for the end.
/// </summary>
/// <remarks>
/// Before an index file is published, the indirect blocks of what it tells of are flushed in the meta store: whoever finds a file's content in it can read that.
/// </remarks>
public sealed class PlatonicScan : IAsyncDisposable
{
    /// <summary>How many bytes of files are read at most before what is known of them is made durable.</summary>
    const long MostUnwritten = 4L << 30;

    readonly PlatonicStore _store;
    readonly FileDescriptor _held;
    readonly BlockTreeWalker _walker;
    readonly PlaceBuilder _builder;
    readonly IReadOnlySet<byte[]> _suspects;

    // Held while the builder changes or is written.
    readonly SemaphoreSlim _writing = new(1);
    long _unwritten;
    string? _tree;
    bool _isEnded;

    PlatonicScan(PlatonicStore store, FileDescriptor held)
    {
        _store = store;
        _held = held;
        TreeStore = new TreeStore(store);
        ContentStore = new ContentSink(store.Meta);
        _walker = new BlockTreeWalker(TreeStore);
        _builder = new PlaceBuilder(store.Hasher.Algorithm);
        _suspects = store.Suspects.Take();
        store.Index.Refresh();
        if (store.Index.Set.Fault is not null)
            store.Index.Clear();
        _tree = store.Index.Set.Tree;
    }

    /// <summary>The store as the scan is to see it. Not disposed by anybody.</summary>
    public IBlockStore TreeStore { get; }

    /// <summary>Where the content of files goes, of which only indirect blocks are kept.</summary>
    public IBlockStore ContentStore { get; }

    /// <summary>What the tree was called whose files the index has all; null where there is none. Those of another tree are noted first.</summary>
    public string? Tree => _tree;

    internal static PlatonicScan? TryStart(PlatonicStore store)
    {
        const uint mode = 0x1a4;
        var held = default(FileDescriptor);
        try
        {
            held = PosixFile.Open(store.Layout.Scanning, OpenFlags.O_RDWR | OpenFlags.O_CREAT, mode);
            if (Locks.Flock(held, LockKind.Exclusive, wait: false))
                return new PlatonicScan(store, held);
            held.Dispose();
            return null;
        }
        catch (IOException failed)
        {
            held?.Dispose();
            throw store.Unavailable(failed);
        }
    }

    /// <summary>Whether a file has to be read although it looks as it did.</summary>
    public bool IsSuspect(ReadOnlySpan<byte> path) => _suspects.Count > 0 && _suspects.Contains(path.ToArray());

    /// <summary>
    /// Finds the content of a file: that which an interrupted scan found under its path, or that of a file that had another path and is the same inode, of the same
    /// size and modification time. The latter is noted under its path. Whether it is true is found out at the latest when a block of it is read.
    /// </summary>
    /// <param name="path">Its path below the folder.</param>
    /// <param name="status">What the kernel says of it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The content and how much of it lies in holes; null where it is not known.</returns>
    public async ValueTask<(BlockRef Content, ulong HoleSpan)?> FindAsync(ReadOnlyMemory<byte> path, Statx status, CancellationToken cancellationToken = default)
    {
        var now = FileFacts.Of(status);
        var set = _store.Index.Set;
        try
        {
            if (set.FindPath(path.Span) is { } here && here.Facts.IsUnchanged(now))
                return (ContentOf(here), here.HoleSpan);
            foreach (var file in set.FindInode(now.Inode))
            {
                if (!file.Facts.IsSameContent(now) || file.Facts.Device != now.Device || file.Path.AsSpan().SequenceEqual(path.Span) || IsSuspect(file.Path))
                    continue;
                await NoteAsync(path, now, ContentOf(file), file.HoleSpan, cancellationToken);
                return (ContentOf(file), file.HoleSpan);
            }
        }
        catch (Exception fault) when (fault is BlockMissingException or BlockCorruptException)
        {
            // The file is read, which stores the indirect block again.
        }
        catch (FormatInvalidException fault)
        {
            throw _store.Damaged(fault);
        }

        return null;
    }

    /// <summary>Notes the content of a file.</summary>
    /// <param name="path">Its path below the folder.</param>
    /// <param name="status">What the kernel said before it was read.</param>
    /// <param name="content">Its content, whose indirect blocks are in the meta store.</param>
    /// <param name="holeSpan">How many bytes of it lie in holes.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public ValueTask NoteAsync(
        ReadOnlyMemory<byte> path, Statx status, BlockRef content, ulong holeSpan, CancellationToken cancellationToken = default) =>
        NoteAsync(path, FileFacts.Of(status), content, holeSpan, cancellationToken);

    /// <summary>Notes the content of a file by what a tree says of it: what an index is made anew of.</summary>
    /// <param name="path">Its path below the folder.</param>
    /// <param name="inode">Its inode then.</param>
    /// <param name="modified">When its content had changed, in nanoseconds since 1970.</param>
    /// <param name="changed">When its inode had changed, likewise.</param>
    /// <param name="content">Its content.</param>
    /// <param name="holeSpan">How many bytes of it lie in holes.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public ValueTask NoteAsync(
        ReadOnlyMemory<byte> path, ulong inode, long modified, long changed, BlockRef content, ulong holeSpan, CancellationToken cancellationToken = default)
    {
        var facts = new FileFacts(0, inode, content.Span, modified, changed);
        return _store.Index.Set.FindPath(path.Span) is { } known && known.Facts.IsUnchanged(facts) && ContentOf(known) == content
            ? default
            : NoteAsync(path, facts, content, holeSpan, cancellationToken);
    }

    /// <summary>Makes what was noted durable, so that <see cref="FindAsync"/> finds it.</summary>
    public ValueTask SaveAsync(CancellationToken cancellationToken = default) => WriteAsync(cancellationToken);

    /// <summary>Makes what was noted durable, from now on as an index of all files of a tree, and merges where that is due.</summary>
    /// <param name="tree">What the tree is called: a word that tells it from others.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask CompleteAsync(string tree, CancellationToken cancellationToken = default)
    {
        _tree = tree;
        await WriteAsync(cancellationToken);
        try
        {
            using var files = new FileBlocks(_store.Folder, _store.Hasher, _store.Suspects);
            _store.Index.Merge(files.IsGone);
        }
        catch (FormatInvalidException fault)
        {
            throw _store.Damaged(fault);
        }
        catch (IOException failed)
        {
            throw _store.Unavailable(failed);
        }

        _isEnded = true;
        _store.Suspects.Forget(_suspects);
    }

    /// <summary>Ends the scan; of one that was not completed, what was noted is kept if it can be.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_isEnded)
            await TryWriteAsync();
        _writing.Dispose();
        _held.Dispose();
    }

    async ValueTask TryWriteAsync()
    {
        try
        {
            await WriteAsync(CancellationToken.None);
        }
        catch (Exception failed) when (failed is StoreUnavailableException or StoreFullException or BlockCorruptException)
        {
            // The scan has ended with the cause already; the next one reads those files again.
        }
    }

    static BlockRef ContentOf(IndexedFile file)
    {
        var reader = new ByteReader(file.Content);
        return BlockRef.Read(ref reader);
    }

    async ValueTask NoteAsync(ReadOnlyMemory<byte> path, FileFacts facts, BlockRef content, ulong holeSpan, CancellationToken cancellationToken)
    {
        var blocks = new List<(BlockHash Hash, long Offset, int Length)>();
        if (content.HasHash)
        {
            await foreach (var walked in _walker.WalkAsync(content, cancellationToken))
            {
                if (walked.Reference.Kind == BlockRefKind.Direct)
                    blocks.Add((walked.Reference.Hash, walked.Offset, (int)walked.Reference.Span));
            }
        }

        using var binary = new ByteWriter();
        content.Write(binary);
        var file = new IndexedFile(path.ToArray(), facts, binary.Written.ToArray(), holeSpan);
        await _writing.WaitAsync(cancellationToken);
        try
        {
            _builder.Add(file, blocks);
            _unwritten += facts.Size;
            if (_builder.IsFull || _unwritten >= MostUnwritten)
                await WriteHeldAsync(cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    async ValueTask WriteAsync(CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            await WriteHeldAsync(cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    async ValueTask WriteHeldAsync(CancellationToken cancellationToken)
    {
        if (_builder.IsEmpty && _store.Index.Set.Tree == _tree)
            return;
        try
        {
            await _store.Meta.FlushAsync(cancellationToken);
            _store.Index.Add(_builder, _tree);
        }
        catch (IOException failed)
        {
            throw _store.Unavailable(failed);
        }

        _builder.Clear();
        _unwritten = 0;
    }
}
