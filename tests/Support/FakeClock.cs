namespace Vt.Tests.Support;

/// <summary>A clock that goes only when it is told to: timers and delays end when it has gone far enough. Thread-safe.</summary>
public sealed class FakeClock : TimeProvider
{
    readonly Lock _gate = new();
    readonly List<Timer> _timers = [];
    TaskCompletionSource _timerMade = new(TaskCreationOptions.RunContinuationsAsynchronously);
    DateTimeOffset _now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Completes when somebody waits for a time that is not over.</summary>
    public Task WhenAwaited
    {
        get
        {
            lock (_gate)
                return _timers.Exists(static timer => timer.IsPending) ? Task.CompletedTask : _timerMade.Task;
        }
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
            return _now;
    }

    public override long GetTimestamp() => GetUtcNow().Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        lock (_gate)
            _timers.Add(timer);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Goes on by some time.</summary>
    public void Advance(TimeSpan time)
    {
        List<Timer> due;
        lock (_gate)
        {
            _now += time;
            due = _timers.FindAll(timer => timer.Due <= _now);
            foreach (var timer in due)
                timer.Due = timer.Period > TimeSpan.Zero ? _now + timer.Period : null;
        }

        foreach (var timer in due)
            timer.Fire();
    }

    sealed class Timer(FakeClock clock, TimerCallback callback, object? state) : ITimer
    {
        public DateTimeOffset? Due { get; set; }

        public TimeSpan Period { get; private set; }

        public bool IsPending => Due is not null;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._gate)
            {
                Due = dueTime < TimeSpan.Zero ? null : clock._now + dueTime;
                Period = period;
                if (Due is not null)
                {
                    clock._timerMade.TrySetResult();
                    clock._timerMade = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                }
            }

            if (dueTime == TimeSpan.Zero)
                Fire();
            return true;
        }

        public void Fire() => callback(state);

        public void Dispose()
        {
            lock (clock._gate)
            {
                Due = null;
                clock._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
