using System.Diagnostics;

namespace Vt.Fuse.Session;

/// <summary>
/// Says whether a reader looks for the next request for a moment before it sleeps. To be woken takes an idle processor up to 200 µs, most of all in a virtual
/// machine, and a program that does one thing after another pays that each time. Looking costs processor time, so after a look that finds nothing the reader
/// sleeps at once the next time, then two times, up to 64. For one reader.
/// </summary>
/// <param name="time">How long to look; zero for never.</param>
sealed class PollPace(TimeSpan time)
{
    const int MostPauses = 64;

    readonly long _ticks = (long)(time.TotalSeconds * Stopwatch.Frequency);
    int _pauses;
    int _nextPauses = 1;

    /// <summary>Whether to look before the sleep that is due.</summary>
    public bool IsDue()
    {
        if (_ticks == 0)
            return false;
        if (_pauses == 0)
            return true;
        _pauses--;
        return false;
    }

    /// <summary>Until when to look, in ticks of <see cref="Stopwatch"/>.</summary>
    public long Until() => Stopwatch.GetTimestamp() + _ticks;

    /// <summary>Notes how a look ended.</summary>
    /// <param name="hasFound">Whether a request came.</param>
    public void Note(bool hasFound)
    {
        if (hasFound)
        {
            _nextPauses = 1;
            return;
        }

        _pauses = _nextPauses;
        _nextPauses = Math.Min(_nextPauses * 2, MostPauses);
    }
}
