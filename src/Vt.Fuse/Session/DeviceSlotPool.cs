namespace Vt.Fuse.Session;

/// <summary>
/// The slots of a device: one for each reader, and more while requests are deferred. When as many are out as there may be, readers
/// wait. What frees the device is called when the pool was closed and the last slot is back.
/// </summary>
sealed class DeviceSlotPool : IDisposable
{
    readonly FuseDispatcher _dispatcher;
    readonly int _maxWrite;
    readonly int _kept;
    readonly SemaphoreSlim _free;
    readonly Action _onEmptied;
    readonly Lock _gate = new(); // guards _idle, _out and _closed
    readonly Stack<DeviceSlot> _idle = new();
    int _out;
    bool _closed;

    /// <param name="dispatcher">Is told of slots as they come and go.</param>
    /// <param name="maxWrite">Most bytes of a request's data.</param>
    /// <param name="limit">How many slots there may be.</param>
    /// <param name="kept">How many of them are kept when nobody uses them.</param>
    /// <param name="onEmptied">Called once, when closed and no slot is out.</param>
    public DeviceSlotPool(FuseDispatcher dispatcher, int maxWrite, int limit, int kept, Action onEmptied)
    {
        _dispatcher = dispatcher;
        _maxWrite = maxWrite;
        _kept = kept;
        _free = new SemaphoreSlim(limit, limit);
        _onEmptied = onEmptied;
    }

    /// <summary>Takes a slot, waiting until one may be had.</summary>
    public DeviceSlot Rent()
    {
        _free.Wait();
        lock (_gate)
        {
            _out++;
            if (_idle.TryPop(out var idle))
                return idle;
        }

        var slot = new DeviceSlot(this, _maxWrite);
        _dispatcher.Register(slot);
        return slot;
    }

    /// <summary>Gives a slot back.</summary>
    public void Return(DeviceSlot slot)
    {
        bool emptied, keep;
        lock (_gate)
        {
            _out--;
            keep = !_closed && _idle.Count < _kept;
            if (keep)
                _idle.Push(slot);
            emptied = _closed && _out == 0;
        }

        if (!keep)
            Free(slot);
        if (emptied)
            _onEmptied();
        _free.Release();
    }

    /// <summary>No more slots are kept; those that are out may still be answered.</summary>
    public void Dispose()
    {
        DeviceSlot[] idle;
        bool emptied;
        lock (_gate)
        {
            if (_closed)
                return;
            _closed = true;
            idle = [.. _idle];
            _idle.Clear();
            emptied = _out == 0;
        }

        foreach (var slot in idle)
            Free(slot);
        if (emptied)
            _onEmptied();
    }

    void Free(DeviceSlot slot)
    {
        _dispatcher.Unregister(slot);
        slot.Dispose();
    }
}
