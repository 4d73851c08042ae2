using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Posix;
using Vt.Stores.DataDir.Disk;
using Vt.Stores.DataDir.Index;

namespace Vt.Stores.DataDir.Packs;

/// <summary>
/// A pack that this process appends to, locked against everybody else. Many threads write at once: each reserves a range under a short lock
/// and fills it outside.
/// </summary>
/// <remarks>
/// States: open -> sealed (no more reservations) -> idle (all reserved ranges are filled), when it can be closed. 1. The table of contents has a block only
/// after its frame was written. 2. The pack's file stays <c>.open</c>, under flock, until its table of contents is durable.
/// </remarks>
sealed class PackWriter : IDisposable
{
    /// <summary>
    /// A pack that has this many blocks is full, whatever their size: until it is closed each of them takes about 170 bytes of memory, here and in the
    /// index, which tiny blocks would let grow to hundreds of megabytes.
    /// </summary>
    public const int MostBlocks = 1 << 16;

    /// <summary>
    /// The disk begins with so much at a time while the next blocks are cut and compressed, so that it doesn't stand idle until somebody waits for it. Small
    /// changes never get there, and are written once, by their sync.
    /// </summary>
    const int WritebackStep = 8 << 20;

    // What a step ends with is not to be written again when the rest of its page comes.
    const int PageSize = 4096;

    readonly DiskWriter _disk;
    readonly long _limit;
    readonly RunBuilder _contents;
    readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Guards all fields below and the contents.
    readonly Lock _rangesGate = new();
    long _length = PackHeader.Size;
    int _unfilled;
    bool _sealed;
    long _blocks;
    long _rawBytes;
    long _frames;
    bool _isListed;
    long _dirtyVersion = 1;
    long _durableVersion;
    long _writtenBack;
    long _letGo; // by whoever syncs alone

    PackWriter(PackHeader header, string path, FileDescriptor file, DiskWriter disk, long limit)
    {
        Header = header;
        Path = path;
        File = file;
        _disk = disk;
        _limit = limit;
        _contents = new RunBuilder(header.Hash, header.Id, header.Created);
    }

    /// <summary>The pack's header.</summary>
    public PackHeader Header { get; }

    /// <summary>The file's name while it is open.</summary>
    public string Path { get; }

    /// <summary>The file, locked.</summary>
    public FileDescriptor File { get; }

    /// <summary>The pack's slot in the index.</summary>
    public uint Slot { get; set; }

    /// <summary>Whether there is no block in it yet that anybody can find.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (_rangesGate)
                return !_isListed;
        }
    }

    /// <summary>Whether the catalogue lists the pack, durably.</summary>
    public bool IsAnnounced { get; set; }

    /// <summary>Completes when the pack is sealed and every reserved range is filled.</summary>
    public Task WhenIdle => _idle.Task;

    /// <summary>How many bytes the pack has so far.</summary>
    public long Length
    {
        get
        {
            lock (_rangesGate)
                return _length;
        }
    }

    /// <summary>Whether something was written that is not durable.</summary>
    public bool IsDirty
    {
        get
        {
            lock (_rangesGate)
                return _dirtyVersion != _durableVersion;
        }
    }

    /// <summary>Makes a pack.</summary>
    /// <param name="layout">Where packs lie.</param>
    /// <param name="config">The store.</param>
    /// <param name="content">What its blocks are for.</param>
    /// <param name="created">Now, in nanoseconds since 1970.</param>
    /// <param name="newId">Gives names.</param>
    /// <param name="disk">Writes it.</param>
    public static PackWriter Create(DataDirLayout layout, DataDirConfig config, BlockContent content, ulong created, Func<PackId> newId, DiskWriter disk)
    {
        while (true)
        {
            var id = newId();
            var fresh = layout.NewPack(id);
            var file = disk.Create(fresh);
            try
            {
                // Somebody who is clearing up may have taken the lock, and will delete the file, or has done so already.
                if (!Locks.Flock(file, LockKind.Exclusive, wait: false) || PosixFile.Fstat(file).Links == 0)
                {
                    file.Dispose();
                    continue;
                }

                var header = new PackHeader(id, config.StoreId, config.Hash, content, created, PackOrigin.Of(file));
                var bytes = new byte[PackHeader.Size];
                header.Write(bytes);
                disk.Write(file, fresh, bytes, 0);
                disk.Rename(fresh, layout.OpenPack(header.Id));
                return new PackWriter(header, layout.OpenPack(header.Id), file, disk, config.PackSize);
            }
            catch
            {
                file.Dispose();
                throw;
            }
        }
    }

    /// <summary>Reserves a range at the end.</summary>
    /// <returns>False where the pack is full or sealed. A range larger than a pack fits into an empty one.</returns>
    public bool TryReserve(int length, out long offset)
    {
        lock (_rangesGate)
        {
            offset = _length;
            if (_sealed || _blocks >= MostBlocks || (_length > PackHeader.Size && _length + length > _limit))
                return false;
            _length += length;
            _unfilled++;
            return true;
        }
    }

    /// <summary>Fills a reserved range. After a failure the pack stays as it is until it is recovered.</summary>
    public void Write(ReadOnlySpan<byte> bytes, long offset)
    {
        _disk.Write(File, Path, bytes, offset);
        long from, to;
        lock (_rangesGate)
        {
            (from, to) = (_writtenBack, _length & -PageSize);
            if (to - from < WritebackStep)
                return;
            _writtenBack = to;
        }

        // What others have yet to fill there is left to the sync.
        PosixFile.StartWriteback(File, from, to - from);
    }

    /// <summary>Adds a frame's block to the table of contents. Between <see cref="Write"/> and <see cref="Filled"/>.</summary>
    public void Add(in BlockHash hash, in BlockLocation location)
    {
        lock (_rangesGate)
        {
            _contents.Add(hash, location);

            // From now on others can find it, and rely on it: what they flush has to sync it, though its batch is not over.
            _isListed = true;
            _dirtyVersion++;
        }
    }

    /// <summary>Says that a reserved range is filled and listed.</summary>
    /// <param name="frames">How many frames it has; 0 where writing failed.</param>
    /// <param name="blocks">How many blocks.</param>
    /// <param name="rawBytes">Their bytes.</param>
    public void Filled(int frames, int blocks, long rawBytes)
    {
        bool isIdle;
        lock (_rangesGate)
        {
            _frames += frames;
            _blocks += blocks;
            _rawBytes += rawBytes;
            _dirtyVersion++;
            isIdle = --_unfilled == 0 && _sealed;
        }

        if (isIdle)
            _idle.TrySetResult();
    }

    /// <summary>Takes no more reservations.</summary>
    public void Seal()
    {
        bool isIdle;
        lock (_rangesGate)
        {
            _sealed = true;
            isIdle = _unfilled == 0;
        }

        if (isIdle)
            _idle.TrySetResult();
    }

    /// <summary>Makes durable what was filled before. Not from two threads at once.</summary>
    public void Sync()
    {
        long version;
        lock (_rangesGate)
            version = _dirtyVersion;
        if (version == _durableVersion)
            return;
        _disk.Sync(File, Path);
        lock (_rangesGate)
            _durableVersion = version;
        LetGo();
    }

    /// <summary>Writes the table of contents and the trailer, and makes all of it durable. Only when idle.</summary>
    /// <returns>The file's length; 0 where the pack has no blocks and is not worth keeping.</returns>
    public long Finish()
    {
        lock (_rangesGate)
        {
            if (_blocks == 0)
                return 0;
            var totals = new PackTrailer(Header.Id, 0, 0, 0, _blocks, _rawBytes, _length - PackHeader.Size, _frames);
            var end = PackContents.Write(_disk, File, Path, _length, _contents, totals);
            _disk.Sync(File, Path);
            _durableVersion = _dirtyVersion;
            LetGo();
            return end;
        }
    }

    // Of a stream only what is on the disk is kept: the next blocks are written to pages that were just used, rather than push out of memory what others read, and
    // a virtual machine need not ask its host for new ones.
    void LetGo()
    {
        var from = _letGo;
        _letGo = Interlocked.Read(ref _writtenBack);
        if (_letGo > from)
            PosixFile.Fadvise(File, from, _letGo - from, PosixFile.POSIX_FADV_DONTNEED);
    }

    /// <summary>Lets the file and its lock go, closed or not.</summary>
    public void Dispose()
    {
        _contents.Dispose();
        File.Dispose();
    }
}
