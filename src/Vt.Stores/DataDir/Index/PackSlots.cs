namespace Vt.Stores.DataDir.Index;

/// <summary>Numbers packs for one <see cref="BlockIndex"/>: from 0, for indexing arrays, and never given twice. Thread-safe.</summary>
sealed class PackSlots
{
    // Guards the two collections, which describe one mapping.
    readonly Lock _mapping = new();
    readonly Dictionary<PackId, int> _slots = [];
    readonly List<PackId> _packs = [];

    /// <summary>The pack's number, a fresh one at first sight.</summary>
    public int SlotOf(PackId pack)
    {
        lock (_mapping)
        {
            if (!_slots.TryGetValue(pack, out var slot))
            {
                slot = _packs.Count;
                _packs.Add(pack);
                _slots.Add(pack, slot);
            }

            return slot;
        }
    }

    /// <summary>The pack that a number stands for.</summary>
    public PackId PackAt(int slot)
    {
        lock (_mapping)
            return _packs[slot];
    }
}
