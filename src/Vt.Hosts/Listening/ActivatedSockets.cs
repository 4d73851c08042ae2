using System.Globalization;
using System.Net.Sockets;

namespace Vt.Hosts.Listening;

/// <summary>Sockets that systemd listens to and hands over (sd_listen_fds(3)).</summary>
public static class ActivatedSockets
{
    const int First = 3;
    const int Most = 64;

    /// <summary>The sockets that were handed to this process; none where it was started otherwise.</summary>
    /// <param name="environment">Looks a variable up.</param>
    /// <param name="processId">This process's id.</param>
    public static IReadOnlyList<Socket> Take(Func<string, string?> environment, int processId)
    {
        var count = Number(environment("LISTEN_FDS"));
        if (Number(environment("LISTEN_PID")) != processId || count is < 1 or > Most)
            return [];
        var sockets = new List<Socket>();
        for (var i = 0; i < count; i++)
            sockets.Add(new Socket(new SafeSocketHandle(First + i, ownsHandle: true)));
        return sockets;
    }

    static int Number(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
