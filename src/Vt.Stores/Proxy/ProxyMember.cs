using Vt.Blocks.Contracts;

namespace Vt.Stores.Proxy;

/// <summary>
/// One store of a proxy, how it is doing and how long it takes. Thread-safe.
/// </summary>
/// <remarks>
/// States: well -> (failures in a row) -> paused -> (the pause is over) -> tried by one call -> well, or paused for twice as long. Only calls that the store
/// could not answer count as failures: damage, absence and cancellation don't.
/// </remarks>
/// <param name="store">The store.</param>
/// <param name="number">Its place in the proxy's list.</param>
/// <param name="options">When it is left alone, and the clock.</param>
sealed class ProxyMember(IBlockStore store, int number, ProxyOptions options)
{
    const int Samples = 64;
    static readonly TimeSpan _leastHedge = TimeSpan.FromMilliseconds(20);
    static readonly TimeSpan _firstHedge = TimeSpan.FromMilliseconds(200);

    // Guards all fields below.
    readonly Lock _stateGate = new();
    readonly TimeSpan[] _took = new TimeSpan[Samples];
    int _tookCount;
    TimeSpan _hedge = _firstHedge;
    int _failuresInRow;
    TimeSpan _pause;
    long _pausedAt;
    bool _isPaused;
    bool _isTrying;
    long _calls;
    long _failures;
    long _hedges;
    long _damaged;
    string? _lastError;
    ProxyMember? _writing;
    long _owed;
    long _settled;

    /// <summary>The store.</summary>
    public IBlockStore Store => store;

    /// <summary>Its place in the proxy's list.</summary>
    public int Number => number;

    /// <summary>How it does at taking blocks: one that can't be written may well be read.</summary>
    public ProxyMember Writing =>
        Volatile.Read(ref _writing) ?? Interlocked.CompareExchange(ref _writing, new ProxyMember(store, number, options), null) ?? _writing;

    /// <summary>Whether what it has counts as kept: see <see cref="ProxyRoles.Copy"/>.</summary>
    public bool IsCache { get; init; }

    /// <summary>Whether it is told that trees may come without what they refer to, before the first one does.</summary>
    public bool IsPart { get; init; }

    /// <summary>Whether it was told. Set by whoever told it; twice does no harm.</summary>
    public bool IsTold { get; set; }

    /// <summary>Whether its last read was answered without waiting: then it is asked without a way to cancel the call alone, which would cost more.</summary>
    public bool IsQuick { get; set; } = true;

    /// <summary>How often something was added, or said to be there: a flush that began later has to confirm it.</summary>
    public long Owed
    {
        get
        {
            lock (_stateGate)
                return _owed;
        }
    }

    /// <summary>Whether there is something that no flush has confirmed.</summary>
    public bool IsOwing
    {
        get
        {
            lock (_stateGate)
                return _owed != _settled;
        }
    }

    /// <summary>How it has done.</summary>
    public MemberFigures Figures
    {
        get
        {
            lock (_stateGate)
                return new MemberFigures(store.Description, _calls, _failures + (_writing?._failures ?? 0), _hedges, _damaged, _isPaused, _lastError ?? _writing?._lastError);
        }
    }

    /// <summary>How long to wait for it before the next store is asked too: what 19 of 20 calls took less than.</summary>
    public TimeSpan HedgeDelay
    {
        get
        {
            lock (_stateGate)
                return options.HedgeDelay ?? _hedge;
        }
    }

    /// <summary>Something was added, or said to be there. Only once it was: a flush that began before owes nothing for it.</summary>
    public void Owe()
    {
        lock (_stateGate)
            _owed++;
    }

    /// <summary>A flush has succeeded.</summary>
    /// <param name="owed">What <see cref="Owed"/> was before it began.</param>
    public void Settle(long owed)
    {
        lock (_stateGate)
            _settled = Math.Max(_settled, owed);
    }

    /// <summary>Whether to ask it now. True makes the caller say how it went by <see cref="Succeeded"/>, <see cref="Failed"/> or <see cref="Abandoned"/>.</summary>
    public bool TryEnter()
    {
        lock (_stateGate)
        {
            if (!_isPaused)
                return true;
            if (_isTrying || options.Time.GetElapsedTime(_pausedAt) < _pause)
                return false;
            return _isTrying = true;
        }
    }

    /// <summary>It answered.</summary>
    /// <param name="took">How long it took; null where that says nothing about reading.</param>
    public void Succeeded(TimeSpan? took)
    {
        lock (_stateGate)
        {
            _calls++;
            (_failuresInRow, _isPaused, _isTrying, _lastError) = (0, false, false, null);
            if (took is not { } time)
                return;
            _took[_tookCount++ % Samples] = time;
            if (_tookCount % 16 == 0)
                _hedge = Percentile();
        }
    }

    /// <summary>It could not answer.</summary>
    public void Failed(Exception why)
    {
        lock (_stateGate)
        {
            _failures++;
            _lastError = why.Message;
            if (!_isTrying && ++_failuresInRow < options.FailuresBeforePause)
                return;
            if (_isPaused && !_isTrying)
                return;
            var next = _isPaused ? _pause * 2 : options.FirstPause;
            next = next > options.LongestPause ? options.LongestPause : next;
            _pause = next * (0.75 + (options.Random() / 2));
            (_isPaused, _isTrying, _pausedAt) = (true, false, options.Time.GetTimestamp());
        }
    }

    /// <summary>Nobody waited for its answer, or somebody else's fault ended the call.</summary>
    public void Abandoned()
    {
        lock (_stateGate)
            _isTrying = false;
    }

    /// <summary>It took long, and the next store is asked too.</summary>
    public void NoteHedge()
    {
        lock (_stateGate)
            _hedges++;
    }

    /// <summary>It gave a block that was not what its name says.</summary>
    public void NoteDamage()
    {
        lock (_stateGate)
            _damaged++;
    }

    /// <summary>Why it is not asked.</summary>
    public StoreUnavailableException WhyPaused()
    {
        lock (_stateGate)
            return new StoreUnavailableException(store.Description, $"it failed {_failures} times and is left alone for a while; last: {_lastError}", isTransient: true);
    }

    /// <summary>Whether a failure says that the store could not answer.</summary>
    public static bool IsOutage(Exception fault) => fault is StoreUnavailableException or StoreFullException or FormatInvalidException;

    TimeSpan Percentile()
    {
        var sorted = _took.AsSpan(0, Math.Min(_tookCount, Samples)).ToArray();
        Array.Sort(sorted);
        var slow = sorted[sorted.Length * 19 / 20];
        return slow < _leastHedge ? _leastHedge : slow;
    }
}
