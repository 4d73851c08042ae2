using System.Runtime.InteropServices;

namespace Vt.Settings;

/// <summary>
/// A token that SIGINT, SIGTERM and SIGHUP cancel, so that the command can end cleanly. The second such signal has its usual
/// effect: it ends the process.
/// </summary>
sealed class SignalCancellation : IDisposable
{
    readonly CancellationTokenSource _source = new();
    readonly PosixSignalRegistration[] _registrations;
    Action? _onInterrupt;

    /// <summary>Takes the signals over.</summary>
    public SignalCancellation() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel),
        PosixSignalRegistration.Create(PosixSignal.SIGHUP, Cancel),
    ];

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Has something else done for SIGINT than the command's end, until the returned is disposed: a session goes on when what it does is interrupted.</summary>
    /// <param name="onInterrupt">What; called from another thread.</param>
    public IDisposable TakeInterrupts(Action onInterrupt)
    {
        Volatile.Write(ref _onInterrupt, onInterrupt);
        return new Taken(this);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _source.Dispose();
    }

    void Cancel(PosixSignalContext context)
    {
        if (context.Signal == PosixSignal.SIGINT && Volatile.Read(ref _onInterrupt) is { } onInterrupt)
        {
            context.Cancel = true;
            onInterrupt();
            return;
        }

        if (_source.IsCancellationRequested)
            return;
        context.Cancel = true;
        _source.Cancel();
    }

    sealed class Taken(SignalCancellation signals) : IDisposable
    {
        public void Dispose() => Volatile.Write(ref signals._onInterrupt, null);
    }
}
