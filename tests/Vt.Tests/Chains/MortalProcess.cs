using Vt.Blocks.Contracts;
using Vt.Posix;

namespace Vt.Tests.Chains;

/// <summary>
/// What stands for a process that can be killed: from then on nothing that it does reaches a disk or another machine. Thread-safe.
/// </summary>
sealed class MortalProcess
{
    long _left = long.MaxValue;

    public MortalProcess() => Boundary = new WriteBoundary((step, path, _) =>
    {
        if (Interlocked.Decrement(ref _left) <= 0)
            throw new PosixException(Errno.EIO, step.ToString(), path);
    });

    /// <summary>The hook of its stores.</summary>
    public WriteBoundary Boundary { get; }

    /// <summary>Whether it was killed.</summary>
    public bool IsDead => Interlocked.Read(ref _left) <= 0;

    /// <summary>Kills it when its stores have made so many more steps on disk; at once where that is 0.</summary>
    public void KillAfter(int steps) => Interlocked.Exchange(ref _left, steps);

    /// <summary>Fails where it was killed.</summary>
    public void ThrowIfDead()
    {
        if (IsDead)
            throw new StoreUnavailableException("a killed process", "it reaches nobody any more", isTransient: true);
    }
}
