using System.Collections.Concurrent;
using Vt.Blocks.Contracts;
using Vt.Stores.DataDir.Index;
using Vt.Stores.DataDir.Packs;
using Vt.Stores.S3.Access;
using Vt.Stores.S3.Index;

namespace Vt.Stores.S3.Writing;

/// <summary>The packs that are put together here, one for data and one for trees, and those on their way to the server. Thread-safe.</summary>
/// <remarks>
/// 1. A pack with trees is uploaded only after every pack that was begun before: a writer that dies leaves no tree without what it refers to. 2. A block is found in memory until its pack is in the index.
/// 3. After the first failure nothing more is uploaded, and what is in memory stays readable.
/// </remarks>
sealed class PackUploads : IAsyncDisposable
{
    // One for data and one for trees are needed whatever is written next.
    const int IdleBuffers = 2;

    readonly S3Bucket _bucket;
    readonly S3Config _config;
    readonly MemoryTable _table;
    readonly S3Index _index;
    readonly FirstFailure _failure;
    readonly PackBuffers _buffers;
    readonly SemaphoreSlim _slots;
    readonly SemaphoreSlim _flushing = new(1);
    readonly CancellationTokenSource _failed = new();
    readonly ConcurrentDictionary<uint, PackBuilder> _inMemory = new();

    // Guards the open packs and the list of uploads.
    readonly Lock _openGate = new();
    readonly PackBuilder?[] _open = new PackBuilder?[2];
    readonly List<Task> _uploads = [];

    public PackUploads(S3Bucket bucket, S3Config config, MemoryTable table, S3Index index, FirstFailure failure, int parallel)
    {
        _bucket = bucket;
        _config = config;
        _table = table;
        _index = index;
        _failure = failure;
        _slots = new SemaphoreSlim(parallel);
        _buffers = new PackBuffers((int)config.PackSize + PackBuilder.ContentsRoom, parallel + 2, IdleBuffers, bucket.Clock);
    }

    /// <summary>Whether a pack is in memory.</summary>
    public bool Has(uint slot) => _inMemory.ContainsKey(slot);

    /// <summary>Copies a frame out of a pack in memory.</summary>
    /// <returns>False where the pack is not in memory.</returns>
    public bool TryRead(in BlockLocation location, Span<byte> into) =>
        _inMemory.TryGetValue(location.Pack, out var pack) && pack.TryRead(location, into);

    /// <summary>Reserves a range in the pack for some content. Waits for uploads where too much is on its way.</summary>
    public async ValueTask<(PackBuilder Pack, int Offset)> ReserveAsync(BlockContent content, int length, int blocks, CancellationToken cancellationToken)
    {
        while (true)
        {
            _failure.ThrowIfSet();
            lock (_openGate)
            {
                if (_open[(int)content] is { } open)
                {
                    if (open.TryReserve(length, blocks, out var offset))
                        return (open, offset);
                    Close(content);
                }
            }

            var buffer = await RentAsync(cancellationToken);
            lock (_openGate)
            {
                if (_open[(int)content] is null)
                {
                    _open[(int)content] = Begin(content, buffer);
                    continue;
                }
            }

            _buffers.Return(buffer);
        }
    }

    /// <summary>Uploads all that there is, and then an index object that lists it.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        await _flushing.WaitAsync(cancellationToken);
        try
        {
            _failure.ThrowIfSet();
            await CloseAllAsync();
            await Task.WhenAll(Uploads()).WaitAsync(cancellationToken);
            _failure.ThrowIfSet();
            try
            {
                await _index.CommitAsync(cancellationToken);
            }
            catch (Exception failed) when (failed is StoreUnavailableException or StoreFullException or UserErrorException)
            {
                _failure.Set(failed);
                throw;
            }
        }
        finally
        {
            _flushing.Release();
        }
    }

    /// <summary>Waits for the uploads that are under way. Flush first.</summary>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(Uploads());
        _buffers.Dispose();
        _slots.Dispose();
        _flushing.Dispose();
        _failed.Dispose();
    }

    PackBuilder Begin(BlockContent content, byte[] buffer)
    {
        var id = PackId.Create();
        var created = (ulong)(_bucket.Clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
        var pack = new PackBuilder(new PackHeader(id, _config.Id, _config.Hash, content, created), _index.SlotOf(id), buffer, _config.PackSize);
        _inMemory[pack.Slot] = pack;
        return pack;
    }

    async ValueTask<byte[]> RentAsync(CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_failed.Token, cancellationToken);
        try
        {
            return await _buffers.RentAsync(either.Token);
        }
        catch (OperationCanceledException) when (_failure.IsSet && !cancellationToken.IsCancellationRequested)
        {
            _failure.ThrowIfSet();
            throw;
        }
    }

    /// <summary>Begins the upload of a full pack. Under <see cref="_openGate"/>.</summary>
    void Close(BlockContent content)
    {
        if (content == BlockContent.Tree && _open[(int)BlockContent.Data] is { IsEmpty: false })
            Close(BlockContent.Data);
        var pack = _open[(int)content]!;
        _open[(int)content] = null;
        pack.Seal();
        Start(pack, content == BlockContent.Tree);
    }

    /// <summary>Begins an upload. Under <see cref="_openGate"/>.</summary>
    void Start(PackBuilder pack, bool hasTrees)
    {
        _uploads.RemoveAll(static upload => upload.IsCompleted);
        Task[] before = hasTrees ? [.. _uploads] : [];
        _uploads.Add(Task.Run(() => UploadAsync(pack, before)));
    }

    /// <summary>Closes what is open. A little of each goes into one pack: that is one request less, and both are there or neither.</summary>
    async Task CloseAllAsync()
    {
        PackBuilder? data;
        PackBuilder? trees;
        lock (_openGate)
        {
            data = TakeOpen(BlockContent.Data);
            trees = TakeOpen(BlockContent.Tree);
        }

        if (data is not null && trees is not null)
        {
            await Task.WhenAll(data.WhenIdle, trees.WhenIdle);
            if (data.HasRoomFor(trees))
            {
                data.Take(trees, (hash, location) => _table.Locate(hash, location));
                _inMemory.TryRemove(trees.Slot, out _);
                _buffers.Return(trees.GiveBack());
                trees.Dispose();
                lock (_openGate)
                    Start(data, hasTrees: true);
                return;
            }
        }

        lock (_openGate)
        {
            if (data is not null)
                Start(data, hasTrees: false);
            if (trees is not null)
                Start(trees, hasTrees: true);
        }
    }

    PackBuilder? TakeOpen(BlockContent content)
    {
        var pack = _open[(int)content];
        if (pack is null || pack.IsEmpty)
            return null;
        _open[(int)content] = null;
        pack.Seal();
        return pack;
    }

    Task[] Uploads()
    {
        lock (_openGate)
            return [.. _uploads];
    }

    async Task UploadAsync(PackBuilder pack, Task[] before)
    {
        try
        {
            await pack.WhenIdle;
            await Task.WhenAll(before);
            if (_failure.IsSet)
                return;
            var bytes = pack.Finish(out var contents);
            await _slots.WaitAsync();
            try
            {
                await _bucket.PutAsync(S3Layout.Pack(pack.Header.Id), bytes, isBulk: true, CancellationToken.None);
            }
            finally
            {
                _slots.Release();
            }

            var run = Run.Open(contents, _config.Hash, S3Layout.Pack(pack.Header.Id));
            await _index.AddAsync(new PendingPack(pack.Header.Id, run, contents, bytes.Length), CancellationToken.None);
            _table.RemovePack(pack.Slot);
            _inMemory.TryRemove(pack.Slot, out _);
            _buffers.Return(pack.GiveBack());
            pack.Dispose();
        }
        catch (Exception failed) when (failed is StoreUnavailableException or StoreFullException or UserErrorException or FormatInvalidException)
        {
            _failure.Set(failed);
            await _failed.CancelAsync();
        }
    }
}
