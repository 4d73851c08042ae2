using Vt.Files.Checkpoints;

namespace Vt.Files;

/// <summary>Lets who writes much wait while too much waits to be stored, so that the log stays as small as it was said to be.</summary>
/// <remarks>Not while storing fails: then the log takes what the disk has room for.</remarks>
sealed class Throttle
{
    // How much is written between two looks at the log.
    const long AskAgain = 8 << 20;

    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    readonly Func<long> _unstored;
    readonly Checkpointer _checkpointer;
    readonly EarlyStorer _early;
    readonly long _most;
    long _sinceAsked;

    public Throttle(Func<long> unstored, Checkpointer checkpointer, EarlyStorer early, long most)
    {
        _unstored = unstored;
        _checkpointer = checkpointer;
        _early = early;
        _most = most;
    }

    /// <summary>Counts bytes that are about to be written, and tells whether they have to wait.</summary>
    public bool HasToWait(long bytes)
    {
        if (Interlocked.Add(ref _sinceAsked, bytes) < AskAgain)
            return false;
        Interlocked.Exchange(ref _sinceAsked, 0);
        return IsOver();
    }

    /// <summary>Waits until there is room.</summary>
    public async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        while (IsOver())
        {
            if (!_early.IsAtWork)
                _checkpointer.Hurry();
            await Task.Delay(Pause, cancellationToken);
        }
    }

    bool IsOver() => !_checkpointer.IsFailing && _unstored() > _most;
}
