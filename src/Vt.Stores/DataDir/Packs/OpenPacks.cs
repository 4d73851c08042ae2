using Vt.Blocks.Contracts;
using Vt.Stores.DataDir.Disk;
using Vt.Stores.DataDir.Index;
using Vt.Stores.DataDir.Text;

namespace Vt.Stores.DataDir.Packs;

/// <summary>
/// The packs that this process writes: one for data and one for trees, made when first needed, so that reading trees touches few pages. A full
/// one is closed in the background. Thread-safe.
/// </summary>
sealed class OpenPacks : IAsyncDisposable
{
    /// <summary>How many packs may be closing before writers wait.</summary>
    const int MostClosing = 2;

    readonly DataDirLayout _layout;
    readonly DataDirConfig _config;
    readonly Catalogue _catalogue;
    readonly PackRegistry _registry;
    readonly DiskWriter _disk;
    readonly TimeProvider _time;
    readonly Func<PackId, uint> _slotOf;

    // Held while packs are begun, sealed, announced or synced: the fields below change under it only.
    readonly SemaphoreSlim _changing = new(1);
    readonly PackWriter?[] _current = new PackWriter?[2];
    readonly List<Closing> _closing = [];

    public OpenPacks(
        DataDirLayout layout, DataDirConfig config, Catalogue catalogue, PackRegistry registry, DiskWriter disk, TimeProvider time, Func<PackId, uint> slotOf)
    {
        _layout = layout;
        _config = config;
        _catalogue = catalogue;
        _registry = registry;
        _disk = disk;
        _time = time;
        _slotOf = slotOf;
    }

    /// <summary>Bytes in packs that are not closed.</summary>
    public long Length
    {
        get
        {
            long length = 0;
            foreach (var pack in _current)
                length += pack?.Length ?? 0;
            return length;
        }
    }

    /// <summary>Reserves a range in a pack.</summary>
    /// <param name="content">What the blocks are for.</param>
    /// <param name="length">How many bytes.</param>
    /// <param name="cancellationToken">Gives up waiting for packs that are closing.</param>
    public async ValueTask<Reservation> ReserveAsync(BlockContent content, int length, CancellationToken cancellationToken)
    {
        while (true)
        {
            var pack = Volatile.Read(ref _current[(int)content]);
            if (pack is not null && pack.TryReserve(length, out var offset))
                return new Reservation(pack, offset);
            await _changing.WaitAsync(cancellationToken);
            try
            {
                if (pack != _current[(int)content])
                    continue;
                if (pack is not null)
                    await RetireAsync(content, pack);
                var created = (ulong)(_time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
                var begun = PackWriter.Create(_layout, _config, content, created, _registry.NewOwn, _disk);
                begun.Slot = _slotOf(begun.Header.Id);
                Volatile.Write(ref _current[(int)content], begun);
            }
            finally
            {
                _changing.Release();
            }
        }
    }

    /// <summary>Makes durable all that was filled before. Waits for packs that are closing.</summary>
    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken);
        try
        {
            foreach (var closing in _closing)
                await closing.Task.WaitAsync(cancellationToken);
            _disk.Failure.ThrowIfSet();
            var isNew = false;
            foreach (var pack in _current)
            {
                pack?.Sync();
                isNew |= pack is { IsAnnounced: false, IsEmpty: false };
            }

            if (isNew)
                _disk.SyncFolder(_layout.Packs);
            foreach (var pack in _current)
            {
                if (pack is null or { IsAnnounced: true } or { IsEmpty: true })
                    continue;
                _catalogue.AppendPack(pack.Header.Id);
                pack.IsAnnounced = true;
            }
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Closes all packs, unless writing failed: then they are left to be recovered.</summary>
    public async ValueTask CloseAllAsync()
    {
        await _changing.WaitAsync();
        try
        {
            for (var content = 0; content < _current.Length; content++)
            {
                if (_current[content] is { } pack)
                    await RetireAsync((BlockContent)content, pack);
            }

            foreach (var closing in _closing)
                await closing.Task;
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await CloseAllAsync();
        foreach (var closing in _closing)
            closing.Pack.Dispose();
        _changing.Dispose();
    }

    async ValueTask RetireAsync(BlockContent content, PackWriter pack)
    {
        _closing.RemoveAll(closing => closing.IsOver);
        while (_closing.FindAll(closing => !closing.Task.IsCompleted) is { Count: >= MostClosing } busy)
            await busy[0].Task;
        pack.Seal();
        Volatile.Write(ref _current[(int)content], null);
        _closing.Add(new Closing(pack, Task.Run(() => CloseAsync(pack))));
    }

    /// <summary>Closes a pack once its last range is filled.</summary>
    /// <returns>Whether the pack is closed. A failure is kept in the <see cref="WriteFailure"/>, which every later call meets.</returns>
    async Task<bool> CloseAsync(PackWriter pack)
    {
        await pack.WhenIdle;
        try
        {
            var length = pack.Finish();
            if (length == 0)
            {
                _disk.Unlink(pack.Path);
                _registry.Dropped(pack.Header.Id);
            }
            else
            {
                PackClosing.Publish(_layout, _catalogue, _disk, pack.Header.Id, length, pack.IsAnnounced);
                _registry.Closed(pack.Header.Id);
            }

            pack.Dispose();
            return true;
        }
        catch (StoreFullException)
        {
            return false;
        }
        catch (StoreUnavailableException)
        {
            return false;
        }
        catch (IOException cause)
        {
            _disk.Failure.Set(cause);
            return false;
        }
        catch (FormatInvalidException fault)
        {
            _disk.Failure.Set(new IOException($"a table of contents can't be read back: {fault.Message}", fault));
            return false;
        }
    }

    /// <summary>A pack on its way to be closed. One that could not be keeps its lock until the end.</summary>
    sealed record Closing(PackWriter Pack, Task<bool> Task)
    {
        public bool IsOver => Task.IsCompleted && Task.Result;
    }
}
