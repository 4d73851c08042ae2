namespace Vt.Stores.DataDir.Index;

/// <summary>One part of a <see cref="MemoryTable"/>: open addressing with linear probing.</summary>
sealed class MemoryShard
{
    const int Smallest = 64;

    // Guards all fields.
    readonly Lock _slots = new();
    Slot[] _table = new Slot[Smallest];
    int _count;

    enum State : byte
    {
        Free,
        Claimed,
        Located,
    }

    public int Count
    {
        get
        {
            lock (_slots)
                return _count;
        }
    }

    public ClaimOutcome Claim(in BlockKey key, out BlockLocation location)
    {
        lock (_slots)
        {
            ref var slot = ref SlotOf(key);
            location = slot.Location;
            if (slot.State != State.Free)
                return slot.State == State.Located ? ClaimOutcome.Located : ClaimOutcome.Pending;
            slot = new Slot { Key = key, State = State.Claimed };
            Added();
            return ClaimOutcome.Claimed;
        }
    }

    public void Locate(in BlockKey key, in BlockLocation location)
    {
        lock (_slots)
        {
            ref var slot = ref SlotOf(key);
            var isNew = slot.State == State.Free;
            slot = new Slot { Key = key, Location = location, State = State.Located };
            if (isNew)
                Added();
        }
    }

    public bool Release(in BlockKey key)
    {
        lock (_slots)
        {
            var index = IndexOf(key);
            if (_table[index].State != State.Claimed)
                return false;
            Remove(index);
            return true;
        }
    }

    public ClaimOutcome? Find(in BlockKey key, out BlockLocation location)
    {
        lock (_slots)
        {
            ref var slot = ref SlotOf(key);
            location = slot.Location;
            return slot.State switch
            {
                State.Claimed => ClaimOutcome.Pending,
                State.Located => ClaimOutcome.Located,
                _ => null,
            };
        }
    }

    public void RemovePack(uint pack)
    {
        lock (_slots)
        {
            var kept = 0;
            foreach (ref readonly var slot in _table.AsSpan())
                kept += Stays(slot, pack) ? 1 : 0;
            if (kept == _count)
                return;
            if (kept == 0 && _table.Length <= SizeFor(_count) * 2)
            {
                // The next pack will need as much again.
                Array.Clear(_table);
                _count = 0;
                return;
            }

            var old = _table;
            _count = kept;
            _table = new Slot[SizeFor(kept)];
            foreach (ref readonly var slot in old.AsSpan())
            {
                if (Stays(slot, pack))
                    SlotOf(slot.Key) = slot;
            }
        }
    }

    public List<IndexEntry> Located()
    {
        lock (_slots)
        {
            var entries = new List<IndexEntry>();
            foreach (ref readonly var slot in _table.AsSpan())
            {
                if (slot.State == State.Located)
                    entries.Add(new IndexEntry(slot.Key, slot.Location));
            }

            return entries;
        }
    }

    static bool Stays(in Slot slot, uint pack) =>
        slot.State == State.Claimed || (slot.State == State.Located && slot.Location.Pack != pack);

    static int SizeFor(int count)
    {
        var size = Smallest;
        while (count * 4L > size * 3L)
            size *= 2;
        return size;
    }

    ref Slot SlotOf(in BlockKey key) => ref _table[IndexOf(key)];

    /// <summary>The key's slot, or the free one that it would get.</summary>
    int IndexOf(in BlockKey key)
    {
        var mask = _table.Length - 1;
        var index = HomeOf(key, mask);
        while (_table[index].State != State.Free && _table[index].Key != key)
            index = (index + 1) & mask;
        return index;
    }

    static int HomeOf(in BlockKey key, int mask) => (int)key.C & mask;

    void Added()
    {
        _count++;
        if (_count * 4L <= _table.Length * 3L)
            return;
        var old = _table;
        _table = new Slot[old.Length * 2];
        foreach (ref readonly var slot in old.AsSpan())
        {
            if (slot.State != State.Free)
                SlotOf(slot.Key) = slot;
        }
    }

    /// <summary>Frees a slot and moves back those that would not be found past the gap (Knuth, volume 3, algorithm 6.4R).</summary>
    void Remove(int gap)
    {
        var mask = _table.Length - 1;
        var index = gap;
        while (true)
        {
            index = (index + 1) & mask;
            if (_table[index].State == State.Free)
                break;
            if (((index - HomeOf(_table[index].Key, mask)) & mask) < ((index - gap) & mask))
                continue;
            _table[gap] = _table[index];
            gap = index;
        }

        _table[gap] = default;
        _count--;
    }

    struct Slot
    {
        public BlockKey Key;
        public BlockLocation Location;
        public State State;
    }
}
