using System.Globalization;

namespace Vt.Trees.Watch;

/// <summary>What a monitor can't see, and what is done about it: everything is looked at now and then. Not safe for use by several threads.</summary>
/// <param name="folder">The folder's name, for people.</param>
/// <param name="rescan">How often everything is looked at where the monitor sees all.</param>
/// <param name="log">Told, a line each time that it gets worse: who relies on events is to know that some don't come. Null for nobody.</param>
public sealed class BlindSpots(string folder, TimeSpan rescan, Action<string>? log)
{
    static readonly TimeSpan _blindRescan = TimeSpan.FromMinutes(5);

    int _said;

    /// <summary>How often everything has to be looked at now.</summary>
    public TimeSpan RescanOf(FolderMonitor monitor) => monitor.Unwatched > 0 && _blindRescan < rescan ? _blindRescan : rescan;

    /// <summary>Tells what has got worse since the last time.</summary>
    public void Say(FolderMonitor monitor)
    {
        var unwatched = monitor.Unwatched;
        if (unwatched > _said)
        {
            var why = monitor.WhyBlind is { } blind ? $"nothing tells what changes ({blind.Message})" : unwatched == 1 ? "a folder can't be watched" : $"{unwatched} folders can't be watched";
            log?.Invoke(string.Create(CultureInfo.InvariantCulture, $"{folder}: {why}; everything is looked at each {RescanOf(monitor).TotalSeconds:0} seconds"));
        }

        _said = unwatched;
    }
}
