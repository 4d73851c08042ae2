using System.Diagnostics;
using Vt.Fuse.Session;

namespace Vt.Tests.Fuse.Session;

/// <summary>When a reader looks for the next request before it sleeps.</summary>
public sealed class PollPaceTests
{
    [Fact]
    public void Who_finds_requests_looks_each_time()
    {
        var pace = new PollPace(TimeSpan.FromMilliseconds(1));
        for (var i = 0; i < 1000; i++)
        {
            Assert.True(pace.IsDue());
            pace.Note(hasFound: true);
        }
    }

    [Fact]
    public void Who_finds_none_sleeps_more_and_more_often_but_never_stops_looking()
    {
        var pace = new PollPace(TimeSpan.FromMilliseconds(1));
        foreach (var sleeps in new[] { 1, 2, 4, 8, 16, 32, 64, 64, 64 })
            Assert.Equal(sleeps, SleepsAfterALookInVain(pace));
        pace.Note(hasFound: true);
        Assert.Equal(1, SleepsAfterALookInVain(pace));
    }

    [Fact]
    public void Who_has_no_time_never_looks() => Assert.False(new PollPace(TimeSpan.Zero).IsDue());

    [Fact]
    public void A_look_lasts_as_long_as_it_was_given()
    {
        var before = Stopwatch.GetTimestamp();
        var until = new PollPace(TimeSpan.FromSeconds(100)).Until();
        Assert.InRange(until, before + (100 * Stopwatch.Frequency), Stopwatch.GetTimestamp() + (100 * Stopwatch.Frequency));
    }

    static int SleepsAfterALookInVain(PollPace pace)
    {
        pace.Note(hasFound: false);
        var sleeps = 0;
        while (!pace.IsDue())
            sleeps++;
        return sleeps;
    }
}
