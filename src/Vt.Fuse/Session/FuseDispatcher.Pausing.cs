using System.Diagnostics;

namespace Vt.Fuse.Session;

/// <content>Instants in which no request is under way.</content>
sealed partial class FuseDispatcher
{
    static readonly TimeSpan PauseStep = TimeSpan.FromMilliseconds(1);

    volatile Pause? _pause;

    /// <summary>
    /// Lets no request begin that wants an answer, and waits until all that have begun are answered. Reader threads wait with what they have read.
    /// </summary>
    /// <param name="except">A request under way whose handler asks for this.</param>
    /// <param name="patience">How long those under way get.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Lets requests begin again when it is disposed; null where there is a pause already, or some request takes longer.</returns>
    public async ValueTask<IDisposable?> TryPauseAsync(ulong except, TimeSpan patience, CancellationToken cancellationToken)
    {
        var pause = new Pause(this);
        if (Interlocked.CompareExchange(ref _pause, pause, null) is not null)
            return null;
        var isDone = false;
        try
        {
            // Who began a request just before may not have seen the pause: after this, its beginning is seen here. So beginning one costs no barrier.
            Interlocked.MemoryBarrierProcessWide();
            var started = Stopwatch.GetTimestamp();
            while (IsAnyUnderWay(except))
            {
                if (Stopwatch.GetElapsedTime(started) >= patience)
                    return null;
                await Task.Delay(PauseStep, cancellationToken);
            }

            isDone = true;
            return pause;
        }
        finally
        {
            if (!isDone)
                pause.Dispose();
        }
    }

    bool IsAnyUnderWay(ulong except) => Array.Exists(_slots, slot => slot.Current is not 0 and var current && current != except && !slot.IsParked);

    /// <summary>A time in which requests wait before they begin.</summary>
    sealed class Pause(FuseDispatcher dispatcher) : IDisposable
    {
        readonly ManualResetEventSlim _ended = new();

        /// <summary>Waits with a request that has not begun.</summary>
        public void Await(FuseSlot slot)
        {
            slot.IsParked = true;
            _ended.Wait();
            slot.IsParked = false;
        }

        /// <summary>Ends it. The event is left to the collector: somebody may be on the way to it.</summary>
        public void Dispose()
        {
            if (Interlocked.CompareExchange(ref dispatcher._pause, null, this) == this)
                _ended.Set();
        }
    }
}
