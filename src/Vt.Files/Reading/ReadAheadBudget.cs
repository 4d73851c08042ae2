using Vt.Blocks.Contracts;

namespace Vt.Files.Reading;

/// <summary>
/// The memory that all readers of a file system together may hold for read-ahead. A reader that gets none reads without
/// looking ahead, so a hundred streams cost speed and not memory.
/// </summary>
/// <param name="bytes">The most that may be held, in bytes.</param>
sealed class ReadAheadBudget(long bytes)
{
    long _held;
    long _hits;
    long _misses;

    /// <summary>How many pieces of reads found what they wanted read ahead, how many didn't, and what is held.</summary>
    public CacheFigures Figures => new("read ahead", Interlocked.Read(ref _hits), Interlocked.Read(ref _misses), Interlocked.Read(ref _held));

    /// <summary>Counts a piece of a read.</summary>
    public void Note(bool isHit) => Interlocked.Increment(ref isHit ? ref _hits : ref _misses);

    /// <summary>Takes a share; false where it isn't there.</summary>
    public bool TryTake(int share)
    {
        if (Interlocked.Add(ref _held, share) <= bytes)
            return true;
        Interlocked.Add(ref _held, -share);
        return false;
    }

    /// <summary>Gives a share back.</summary>
    public void Return(int share) => Interlocked.Add(ref _held, -share);
}
