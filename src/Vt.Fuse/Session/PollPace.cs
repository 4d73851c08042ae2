using System.Diagnostics;

namespace Vt.Fuse.Session;

/// <summary>
/// Says whether a reader looks for the next request for a moment before it sleeps. To be woken takes an idle processor up to 200 µs, most of all in a virtual
/// machine, and a program that does one thing after another pays that each time. But looking in vain takes processor time from that very program: it pays where
/// more than two of three looks find something, and where they don't it is left alone for longer and longer, and tried again with a few. For one reader.
/// </summary>
/// <param name="time">How long to look; zero for never.</param>
sealed class PollPace(TimeSpan time)
{
    const int MostCredit = 16;
    const int TrialCredit = 4;
    const int PriceInVain = 2;
    const int LeastPause = 8;
    const int MostPause = 512;

    readonly long _ticks = (long)(time.TotalSeconds * Stopwatch.Frequency);
    int _credit = TrialCredit;
    int _pause;
    int _nextPause = LeastPause;

    /// <summary>Whether to look before the sleep that is due.</summary>
    public bool IsDue()
    {
        if (_ticks == 0)
            return false;
        if (_pause == 0)
            return true;
        _pause--;
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
            if (_credit < MostCredit && ++_credit == MostCredit)
                _nextPause = LeastPause;
            return;
        }

        _credit -= PriceInVain;
        if (_credit > 0)
            return;
        _credit = TrialCredit;
        _pause = _nextPause;
        _nextPause = Math.Min(_nextPause * 2, MostPause);
    }
}
