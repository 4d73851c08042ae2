namespace Vt.Hosts.StreamServer;

/// <summary>What a server holds itself and its clients to.</summary>
public sealed record StoreServerOptions
{
    /// <summary>
    /// How many clients are served at a time, with those who have not shown who they are; where more come, of those the first goes, and where there are none the newest is
    /// told to come again.
    /// </summary>
    public int MostConnections { get; init; } = 256;

    /// <summary>How many clients may be on their way in at a time, as those of a TCP port are until they are encrypted; where more come, the first goes.</summary>
    public int MostGreetings { get; init; } = 64;

    /// <summary>How many bytes of requests and answers all clients together may have under way.</summary>
    public long MostBytes { get; init; } = 256 << 20;

    /// <summary>How long a client may take to show who it is, and to take what it asked for.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets a line for whatever somebody may want to know later.</summary>
    public Action<string> Log { get; init; } = static _ => { };

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
