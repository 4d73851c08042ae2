namespace Vt.Files.Inodes;

/// <summary>
/// Every change passes here, any number at a time; a checkpoint closes the gate for the instant in which it takes stock. Passing is a
/// few nanoseconds and never waits for I/O: who holds a pass neither awaits nor touches a disk, but for what the log writes.
/// </summary>
sealed class ChangeGate
{
    // As many counters as keep two processors' threads from sharing a cache line most of the time.
    const int Stripes = 16;
    const int Apart = 16;

    readonly long[] _inside = new long[Stripes * Apart];
    readonly Lock _closing = new(); // held from closing to opening
    int _isClosed;

    /// <summary>Passes; the pass is given back when it is disposed.</summary>
    public Pass Enter()
    {
        var index = (Environment.CurrentManagedThreadId & (Stripes - 1)) * Apart;
        while (true)
        {
            Interlocked.Increment(ref _inside[index]);
            if (Volatile.Read(ref _isClosed) == 0)
                return new Pass(this, index);
            Interlocked.Decrement(ref _inside[index]);

            // Whoever closed it holds this for as long.
            lock (_closing)
            {
            }
        }
    }

    /// <summary>Waits until nobody is inside, and runs something that nobody's change happens beside.</summary>
    public T Close<T>(Func<T> alone)
    {
        lock (_closing)
        {
            Interlocked.Exchange(ref _isClosed, 1);
            try
            {
                var spin = default(SpinWait);
                while (!IsEmpty())
                    spin.SpinOnce();
                return alone();
            }
            finally
            {
                Volatile.Write(ref _isClosed, 0);
            }
        }
    }

    bool IsEmpty()
    {
        for (var i = 0; i < Stripes; i++)
        {
            if (Volatile.Read(ref _inside[i * Apart]) != 0)
                return false;
        }

        return true;
    }

    /// <summary>Leave to make one change.</summary>
    public readonly ref struct Pass
    {
        readonly ChangeGate _gate;
        readonly int _index;

        internal Pass(ChangeGate gate, int index)
        {
            _gate = gate;
            _index = index;
        }

        /// <summary>Gives the pass back.</summary>
        public void Dispose() => Interlocked.Decrement(ref _gate._inside[_index]);
    }
}
