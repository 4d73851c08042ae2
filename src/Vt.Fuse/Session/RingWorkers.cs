using System.Diagnostics;

namespace Vt.Fuse.Session;

/// <summary>
/// Threads that run the handlers that would hold up a ring. There are as many as are busy at once, up to a limit; one that has had nothing to do
/// for a while leaves. They never submit to a ring, so they may.
/// </summary>
sealed class RingWorkers : IAsyncDisposable
{
    const int StackSize = 1024 * 1024;

    static readonly TimeSpan LeaveAfter = TimeSpan.FromSeconds(5);

    readonly FuseDispatcher _dispatcher;
    readonly RingPace _pace;
    readonly int _limit;
    readonly SemaphoreSlim _work = new(0);
    readonly Lock _gate = new(); // guards all below
    readonly Queue<RingSlot> _waiting;
    readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    int _idle;
    int _threads;
    bool _stopped;

    /// <param name="dispatcher">Who answers.</param>
    /// <param name="pace">Is told how long it took.</param>
    /// <param name="limit">How many threads there may be.</param>
    /// <param name="slots">How many requests can wait.</param>
    public RingWorkers(FuseDispatcher dispatcher, RingPace pace, int limit, int slots)
    {
        _dispatcher = dispatcher;
        _pace = pace;
        _limit = limit;
        _waiting = new Queue<RingSlot>(slots);
    }

    /// <summary>Hands over a request; its slot is recycled when it has been answered.</summary>
    public void Add(RingSlot slot)
    {
        lock (_gate)
        {
            _waiting.Enqueue(slot);
            if (_idle > 0)
            {
                _idle--;
                _work.Release();
                return;
            }

            if (_threads == _limit)
                return;
            _threads++;
        }

        new Thread(Run, StackSize) { IsBackground = true, Name = "fuse worker" }.Start();
    }

    /// <summary>Ends the threads when what waits has been answered; nothing may be added any more.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _stopped = true;
            _work.Release(_idle + 1);
            _idle = 0;
            if (_threads == 0)
                _ended.TrySetResult();
        }

        await _ended.Task;
        _work.Dispose();
    }

    unsafe void Run()
    {
        Vt.Posix.Mounts.IoFlusher.TrySetCurrentThread();
        while (TryTake(out var slot))
        {
            var opcode = slot.Header->Opcode;
            var started = Stopwatch.GetTimestamp();
            var isDeferred = _dispatcher.Dispatch(slot);
            _pace.Note(opcode, Stopwatch.GetTimestamp() - started);
            if (!isDeferred)
                slot.Recycle();
        }
    }

    bool TryTake(out RingSlot slot)
    {
        while (true)
        {
            lock (_gate)
            {
                if (_waiting.TryDequeue(out slot!))
                    return true;
                if (_stopped)
                    return Leave();
                _idle++;
            }

            if (_work.Wait(LeaveAfter))
                continue;
            lock (_gate)
            {
                // Somebody may have woken this thread in the very moment in which it lost patience.
                if (_work.Wait(0))
                    continue;
                _idle--;
                return Leave();
            }
        }
    }

    // The caller holds _gate.
    bool Leave()
    {
        _threads--;
        if (_stopped && _threads == 0)
            _ended.TrySetResult();
        return false;
    }
}
