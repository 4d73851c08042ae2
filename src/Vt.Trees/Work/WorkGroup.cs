using System.Runtime.ExceptionServices;

namespace Vt.Trees.Work;

/// <summary>
/// Parts of one job that run side by side and end together: the first that fails stops all the others, and is what the job
/// failed by; the cancellation of the others is not.
/// </summary>
sealed class WorkGroup : IDisposable
{
    readonly CancellationTokenSource _stop;
    readonly CancellationToken _outer;
    readonly List<Task> _parts = [];
    ExceptionDispatchInfo? _failure;

    /// <summary>Starts without parts.</summary>
    /// <param name="cancellationToken">Stops all parts.</param>
    public WorkGroup(CancellationToken cancellationToken)
    {
        _outer = cancellationToken;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    }

    /// <summary>Starts a part on the thread pool.</summary>
    /// <param name="part">Is given the token that stops it.</param>
    public void Start(Func<CancellationToken, ValueTask> part) => _parts.Add(Task.Run(
        async () =>
        {
            try
            {
                await part(_stop.Token);
            }
            catch (Exception fault) when (Note(fault))
            {
                throw;
            }
        },
        CancellationToken.None));

    /// <summary>Waits until every part has ended, however it did.</summary>
    public async ValueTask WhenEndedAsync() => await Task.WhenAll(_parts).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    /// <summary>Throws what went wrong first, if anything did; for when all have ended.</summary>
    public void ThrowIfFailed()
    {
        _outer.ThrowIfCancellationRequested();
        _failure?.Throw();
    }

    /// <inheritdoc/>
    public void Dispose() => _stop.Dispose();

    // A filter, so that it runs before the part unwinds, and the others stop while it still does.
    bool Note(Exception fault)
    {
        Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(fault), null);
        _stop.Cancel();
        return false;
    }
}
