namespace Vt.Blocks.BlockTree;

/// <summary>
/// Keeps a number of values that were used lately, by the clock rule: one that was used since it was last looked at gets one more round. Values never change once
/// they are in. Safe from any thread.
/// </summary>
/// <typeparam name="TKey">What a value is found by.</typeparam>
/// <typeparam name="TValue">What is kept.</typeparam>
public sealed class ClockCache<TKey, TValue>
    where TKey : notnull
    where TValue : class
{
    // Guards all fields below.
    readonly Lock _gate = new();
    readonly Dictionary<TKey, int> _slotOf;
    readonly (TKey Key, TValue Value, bool Used)[] _slots;
    int _count;
    int _hand;

    /// <summary>Starts empty.</summary>
    /// <param name="capacity">The most values that are kept, 1 or more.</param>
    public ClockCache(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        _slots = new (TKey, TValue, bool)[capacity];
        _slotOf = new Dictionary<TKey, int>(capacity);
    }

    /// <summary>The value of a key; null where it is not kept.</summary>
    public TValue? Find(in TKey key)
    {
        lock (_gate)
        {
            if (!_slotOf.TryGetValue(key, out var slot))
                return null;
            _slots[slot].Used = true;
            return _slots[slot].Value;
        }
    }

    /// <summary>Keeps a value, unless there is one of that key.</summary>
    public void Add(in TKey key, TValue value)
    {
        lock (_gate)
        {
            if (_slotOf.ContainsKey(key))
                return;
            var slot = _count < _slots.Length ? _count++ : Evict();
            _slots[slot] = (key, value, false);
            _slotOf.Add(key, slot);
        }
    }

    int Evict()
    {
        while (_slots[_hand].Used)
        {
            _slots[_hand].Used = false;
            _hand = (_hand + 1) % _slots.Length;
        }

        var slot = _hand;
        _hand = (_hand + 1) % _slots.Length;
        _slotOf.Remove(_slots[slot].Key);
        return slot;
    }
}
