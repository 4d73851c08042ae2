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
    public void Who_finds_none_is_left_alone_for_longer_and_longer_but_never_for_good()
    {
        var pace = new PollPace(TimeSpan.FromMilliseconds(1));
        foreach (var sleeps in new[] { 8, 16, 32, 64, 128, 256, 512, 512, 512 })
        {
            Assert.Equal(0, SleepsAfterALookInVain(pace));
            Assert.Equal(sleeps, SleepsAfterALookInVain(pace));
        }

        for (var i = 0; i < 12; i++)
            pace.Note(hasFound: true);
        for (var i = 0; i < 7; i++)
            Assert.Equal(0, SleepsAfterALookInVain(pace));
        Assert.Equal(8, SleepsAfterALookInVain(pace));
    }

    [Theory]
    [InlineData(1, 1, false)]
    [InlineData(3, 2, false)]
    [InlineData(2, 1, true)]
    [InlineData(5, 1, true)]
    public void Who_finds_two_of_three_goes_on_looking_and_who_finds_fewer_does_not(int found, int inVain, bool goesOn)
    {
        var pace = new PollPace(TimeSpan.FromMilliseconds(1));
        var looks = 0;
        for (var i = 0; i < 10_000; i++)
        {
            if (pace.IsDue())
                pace.Note(hasFound: looks++ % (found + inVain) < found);
        }

        Assert.InRange(looks, goesOn ? 10_000 : 1, goesOn ? 10_000 : 2_000);
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
