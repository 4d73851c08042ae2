using Vt.Stores.DataDir.Disk;
using Vt.Stores.DataDir.Index;
using Vt.Stores.DataDir.Packs;

namespace Vt.Stores.DataDir.Sharing;

/// <summary>
/// Packs of other processes that this one relies on: blocks in them were answered as known and may not be durable yet. Flushing makes them so, whoever
/// wrote them. Thread-safe.
/// </summary>
/// <param name="layout">Where packs lie.</param>
/// <param name="registry">The packs.</param>
/// <param name="files">Opens them.</param>
/// <param name="disk">Writes.</param>
sealed class ForeignDebts(DataDirLayout layout, PackRegistry registry, PackFiles files, DiskWriter disk)
{
    // Guards the two fields below.
    readonly Lock _debtsGate = new();
    readonly HashSet<uint> _slots = [];
    int _discoveriesSynced;

    /// <summary>Notes that a block was found.</summary>
    /// <param name="slot">The slot of its pack.</param>
    public void Note(uint slot)
    {
        if (registry.ForeignSlots.Count == 0 || !registry.ForeignSlots.Contains(slot))
            return;
        lock (_debtsGate)
            _slots.Add(slot);
    }

    /// <summary>Makes durable what was noted before. A failure fails the store: what the kernel could not write is lost.</summary>
    /// <param name="packAt">The pack in a slot.</param>
    public void Flush(Func<uint, PackId> packAt)
    {
        uint[] slots;
        int discoveries;
        lock (_debtsGate)
        {
            discoveries = registry.Discoveries;
            if (_slots.Count == 0 && discoveries == _discoveriesSynced)
                return;
            slots = [.. _slots];
            _slots.Clear();
        }

        foreach (var slot in slots)
        {
            using var handle = files.TryOpen(packAt(slot));
            if (handle is not null)
                disk.Sync(handle.File, handle.Path);
        }

        // Names as well: a pack that another process made or closed may have its name in memory only.
        disk.SyncFolder(layout.Packs);
        lock (_debtsGate)
            _discoveriesSynced = Math.Max(_discoveriesSynced, discoveries);
    }
}
