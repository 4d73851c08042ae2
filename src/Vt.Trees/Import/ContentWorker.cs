using Vt.Blocks.BlockTree;
using Vt.Blocks.Chunking;
using Vt.Blocks.Chunking.Scanners;
using Vt.Blocks.Contracts;
using Vt.Posix;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Trees.Import;

/// <summary>
/// Reads files and stores their content: small ones together, so that they are hashed and added in one go, large ones by a
/// writer that hashes and compresses on other threads while it reads on. Not thread safe; each thread has its own.
/// </summary>
sealed class ContentWorker : IDisposable
{
    /// <summary>A file that is larger than this, in bytes, is stored by itself.</summary>
    public const long LargestSmall = 1 << 20;

    const int BytesPerSector = 512;

    readonly IBlockStore _store;
    readonly IBlockStore _treeStore;
    readonly IFilesInPlace? _inPlace;
    readonly bool _follow;
    readonly TreeBatch _treeBatch;
    readonly InodeFacts _facts;
    readonly ImportCounters _counters;
    readonly uint _user = Ownership.EffectiveUser;
    readonly BlockTreeWriterOptions _large;
    readonly ContentBatch _contents;
    readonly List<(FileJob Job, Statx Status, Dirent Dirent)> _waiting = [];
    readonly Dictionary<Scanner, Chunker> _chunkers = [];
    readonly Chunker _plain;
    readonly byte[] _head = new byte[ScannerChoice.HeadLength];

    public ContentWorker(ImportSession session)
    {
        var store = session.ContentStore;
        _store = store;
        _treeStore = session.Store;
        _large = session.LargeContent;
        _inPlace = session.Options.InPlace;
        _follow = session.Options.FollowSymlinks;
        _treeBatch = session.TreeBatch;
        _facts = session.Facts;
        _counters = session.Counters;
        _contents = new ContentBatch(store.Hasher, (int)(ImportBatch.MostBytes + LargestSmall));
        _plain = new Chunker(store.Chunking);
    }

    /// <summary>Does all jobs of a batch. What can't be read is noted in its job; a store that fails is an exception.</summary>
    public async ValueTask RunAsync(ImportBatch batch, CancellationToken cancellationToken)
    {
        _contents.Clear();
        _waiting.Clear();
        foreach (var job in batch.Jobs)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (job.Target is { } target)
                await TakeTargetAsync(job, target, cancellationToken);
            else
                await TakeFileAsync(job, cancellationToken);
        }

        await StoreAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => _contents.Dispose();

    async ValueTask TakeTargetAsync(FileJob job, byte[] target, CancellationToken cancellationToken)
    {
        if (_inPlace is not null)
        {
            // No file has it, so that it is stored with the tree.
            using var alone = new ContentBatch(_treeStore.Hasher, target.Length);
            target.CopyTo(alone.Free);
            alone.Add(target.Length, _plain);
            _counters.CountBlocks(await alone.StoreAsync(_treeStore, cancellationToken));
            job.Result = job.Template! with { Content = alone.References[0] };
            return;
        }

        await MakeRoomAsync(target.Length, cancellationToken);
        target.CopyTo(_contents.Free);
        _contents.Add(target.Length, _plain);
        _waiting.Add((job, job.Status, job.Template!));
    }

    async ValueTask TakeFileAsync(FileJob job, CancellationToken cancellationToken)
    {
        job.Error = Open(job, out var file);
        using (file)
        {
            if (job.Error != Errno.OK)
                return;
            try
            {
                await ReadAsync(job, file, cancellationToken);
            }
            catch (PosixException fault)
            {
                job.Error = fault.Error;
            }
        }
    }

    async ValueTask ReadAsync(FileJob job, FileDescriptor file, CancellationToken cancellationToken)
    {
        var status = job.Status;
        for (var isFirst = true; ; isFirst = false)
        {
            var xattrs = await ReadXattrsAsync(job, file, cancellationToken);
            var isSmall = status.Size <= LargestSmall;
            var content = BlockRef.Empty;
            long length, holes = 0;
            if (isSmall)
            {
                await MakeRoomAsync((int)status.Size, cancellationToken);
                length = PosixFile.PreadUpTo(file, _contents.Free.Span[..(int)status.Size], 0);
            }
            else
            {
                (content, holes) = await StoreLargeAsync(file, status, ChunkerFor(job, file, xattrs), cancellationToken);
                length = content.Span;
            }

            var after = PosixFile.Fstat(file);
            var changed = length != status.Size || !InodeFacts.IsSame(status, after);
            if (changed && !after.IsRegular)
                throw new PosixException(Errno.ESTALE, "read");
            if (changed && isFirst)
            {
                status = after;
                continue;
            }

            job.Changed = changed;
            _counters.CountFile();
            var metadata = _facts.MetadataOf(status, xattrs);
            if (isSmall)
            {
                _counters.CountBytes(length);
                _contents.Add((int)length, ChunkerFor(job, (int)length, xattrs));
                _waiting.Add((job, status, Describe(job, metadata, BlockRef.Empty)));
            }
            else
            {
                job.Result = Describe(job, metadata with { HoleSpan = (ulong)holes }, content);
                if (_inPlace is not null)
                    await _inPlace.NoteAsync(job.Directory.PathOf(job.Name), status, content, (ulong)holes, cancellationToken);
            }

            return;
        }
    }

    async ValueTask<(BlockRef Content, long Holes)> StoreLargeAsync(FileDescriptor file, Statx status, Chunker rule, CancellationToken cancellationToken)
    {
        await using var writer = new BlockTreeWriter(_store, rule, _large);
        PosixFile.Fadvise(file, 0, 0, PosixFile.POSIX_FADV_SEQUENTIAL);
        var isSparse = status.Blocks * BytesPerSector < status.Size;
        for (long at = 0; at < status.Size;)
        {
            var end = status.Size;
            if (isSparse)
            {
                var data = PosixFile.Lseek(file, at, PosixFile.SEEK_DATA);
                data = data < 0 ? status.Size : Math.Min(data, status.Size);
                await writer.WriteRunAsync(0, data - at, cancellationToken);
                _counters.CountBytes(data - at);
                at = data;
                if (at == status.Size)
                    break;
                var hole = PosixFile.Lseek(file, at, PosixFile.SEEK_HOLE);
                end = hole <= at ? status.Size : Math.Min(hole, status.Size);
            }

            while (at < end)
            {
                var room = writer.GetMemory();
                var got = PosixFile.Pread(file, room.Span[..(int)Math.Min(room.Length, end - at)], at);
                if (got == 0)
                {
                    // It was cut short meanwhile.
                    end = at = status.Size;
                    break;
                }

                await writer.AdvanceAsync(got, cancellationToken);
                _counters.CountBytes(got);
                at += got;
            }
        }

        var content = await writer.CompleteAsync(cancellationToken);
        _counters.CountBlocks(writer.Counts);
        return (content, writer.HoleSpan);
    }

    async ValueTask<XattrSet> ReadXattrsAsync(FileJob job, FileDescriptor file, CancellationToken cancellationToken)
    {
        job.XattrError = InodeFacts.ReadXattrs(file, out var xattrs);
        if (xattrs.EncodedLength <= XattrSet.LargestStored)
            return await StoredXattrs.MoveOutAsync(xattrs, _treeBatch, cancellationToken);
        job.XattrError = Errno.E2BIG;
        return XattrSet.Empty;
    }

    Chunker ChunkerFor(FileJob job, int length, XattrSet xattrs) =>
        ChunkerFor(job, xattrs, _contents.Free.Span[..Math.Min(length, ScannerChoice.HeadLength)]);

    Chunker ChunkerFor(FileJob job, FileDescriptor file, XattrSet xattrs) =>
        ChunkerFor(job, xattrs, _head.AsSpan(0, PosixFile.PreadUpTo(file, _head, 0)));

    Chunker ChunkerFor(FileJob job, XattrSet xattrs, ReadOnlySpan<byte> head)
    {
        var mimeType = ReadOnlyMemory<byte>.Empty;
        if (!xattrs.IsStored && !xattrs.IsEmpty)
            _ = xattrs.TryGet("user.mime_type"u8, out mimeType);
        if (ScannerChoice.Choose(job.Name, mimeType.Span, head) is not { } scanner)
            return _plain;
        if (!_chunkers.TryGetValue(scanner, out var chunker))
            _chunkers.Add(scanner, chunker = new Chunker(_store.Chunking, scanner));
        return chunker;
    }

    ValueTask MakeRoomAsync(int length, CancellationToken cancellationToken) =>
        _contents.Free.Length < length ? StoreAsync(cancellationToken) : default;

    async ValueTask StoreAsync(CancellationToken cancellationToken)
    {
        _counters.CountBlocks(await _contents.StoreAsync(_store, cancellationToken));
        for (var i = 0; i < _waiting.Count; i++)
        {
            var (job, status, dirent) = _waiting[i];
            var holes = (ulong)_contents.HoleSpans[i];
            job.Result = dirent with
            {
                Content = _contents.References[i],
                Metadata = holes == 0 ? dirent.Metadata : dirent.Metadata with { HoleSpan = holes },
            };
            if (_inPlace is not null)
                await _inPlace.NoteAsync(job.Directory.PathOf(job.Name), status, _contents.References[i], holes, cancellationToken);
        }

        _waiting.Clear();
        _contents.Clear();
    }

    static Dirent Describe(FileJob job, Metadata metadata, BlockRef content) => new()
    {
        Kind = DirentKind.File,
        Name = job.Link is null ? job.Name : default(ReadOnlyMemory<byte>),
        Uuid = job.Link is { } link ? link.Uuid : job.Previous is { Kind: DirentKind.File } previous ? previous.Uuid : null,
        Metadata = metadata,
        Content = content,
    };

    // O_NONBLOCK, since what was a file may be a fifo by now. O_NOATIME is for the owner and root only.
    Errno Open(FileJob job, out FileDescriptor file)
    {
        var plain = OpenFlags.O_RDONLY | OpenFlags.O_NONBLOCK | OpenFlags.O_NOCTTY | (_follow ? default : OpenFlags.O_NOFOLLOW);
        var flags = _user == 0 || _user == job.Status.Uid ? plain | OpenFlags.O_NOATIME : plain;
        var error = PosixFile.TryOpenAt(job.Directory.Descriptor, job.Name, flags, 0, out file);
        return error == Errno.EPERM && flags != plain
            ? PosixFile.TryOpenAt(job.Directory.Descriptor, job.Name, plain, 0, out file)
            : error;
    }
}
