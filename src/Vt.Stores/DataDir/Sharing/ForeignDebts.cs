using Vt.Stores.DataDir.Disk;
using Vt.Stores.DataDir.Index;
using Vt.Stores.DataDir.Packs;

namespace Vt.Stores.DataDir.Sharing;

/// <summary>
/// Packs of other processes that this one relies on: blocks in them were answered as known and may not be durable yet. Flushing makes them so, whoever
/// wrote them. Thread-safe.
/// </summary>
/// <remarks>
/// A tree block stands for all below it, which was added before it: to any open pack of its writer, or of another one that the writer relied on. So who relies on a block of one open pack
/// syncs all packs that are open when it flushes; those that were closed meanwhile are durable by that.
/// </remarks>
sealed class ForeignDebts : IDisposable
{
    readonly DataDirLayout _layout;
    readonly PackRegistry _registry;
    readonly PackFiles _files;
    readonly DiskWriter _disk;

    // Held while packs are synced: of several who flush at once each returns only when what it relies on is durable, whoever of them syncs it.
    readonly SemaphoreSlim _syncing = new(1);

    // Guards the two fields below.
    readonly Lock _debtsGate = new();
    readonly HashSet<uint> _slots = [];
    int _discoveriesSynced;

    /// <summary>Begins without debts.</summary>
    /// <param name="layout">Where packs lie.</param>
    /// <param name="registry">The packs.</param>
    /// <param name="files">Opens them.</param>
    /// <param name="disk">Writes.</param>
    /// <param name="isReadOnly">Whether this one only reads, maybe from a place where nothing can be synced: what nobody is writing is taken for durable then.</param>
    public ForeignDebts(DataDirLayout layout, PackRegistry registry, PackFiles files, DiskWriter disk, bool isReadOnly)
    {
        (_layout, _registry, _files, _disk) = (layout, registry, files, disk);
        _discoveriesSynced = isReadOnly && registry.ForeignSlots.Count == 0 ? registry.Discoveries : 0;
    }

    /// <summary>Notes that a block was found.</summary>
    /// <param name="slot">The slot of its pack.</param>
    public void Note(uint slot)
    {
        if (_registry.ForeignSlots.Count == 0 || !_registry.ForeignSlots.Contains(slot))
            return;
        lock (_debtsGate)
            _slots.Add(slot);
    }

    /// <summary>Makes durable what was noted before. A failure fails the store: what the kernel could not write is lost.</summary>
    /// <param name="packAt">The pack in a slot.</param>
    /// <param name="cancellationToken">Gives up waiting for others who sync.</param>
    public async ValueTask FlushAsync(Func<uint, PackId> packAt, CancellationToken cancellationToken)
    {
        await _syncing.WaitAsync(cancellationToken);
        try
        {
            Flush(packAt);
        }
        finally
        {
            _syncing.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _syncing.Dispose();

    void Flush(Func<uint, PackId> packAt)
    {
        uint[] slots;
        int discoveries;
        lock (_debtsGate)
        {
            discoveries = _registry.Discoveries;
            if (_slots.Count == 0 && discoveries == _discoveriesSynced)
                return;
            slots = [.. _slots];
            _slots.Clear();
        }

        var isDone = false;
        try
        {
            Sync(slots, packAt);
            isDone = true;
        }
        finally
        {
            End(slots, isDone ? discoveries : null);
        }
    }

    void Sync(uint[] slots, Func<uint, PackId> packAt)
    {
        var packs = new HashSet<PackId>(slots.Select(packAt));
        if (packs.Count > 0)
            packs.UnionWith(_registry.ListForeign());
        foreach (var pack in packs)
        {
            using var handle = _files.TryOpen(pack);
            if (handle is not null)
                _disk.Sync(handle.File, handle.Path);
        }

        // Names as well: a pack that another process made or closed may have its name in memory only.
        _disk.SyncFolder(_layout.Packs);
    }

    // Null where it failed: it is owed as before.
    void End(uint[] slots, int? discoveries)
    {
        lock (_debtsGate)
        {
            if (discoveries is { } synced)
                _discoveriesSynced = Math.Max(_discoveriesSynced, synced);
            else
                _slots.UnionWith(slots);
        }
    }
}
