namespace Vt.Hosts.HttpServer;

/// <summary>Shares memory among the answers that are under way: few get much, and many little. Thread-safe.</summary>
sealed class ServerLoad
{
    const long Budget = 8 << 20;

    int _active;

    /// <summary>How many answers are under way.</summary>
    public int Active => Volatile.Read(ref _active);

    /// <summary>An answer begins.</summary>
    public void Enter() => Interlocked.Increment(ref _active);

    /// <summary>An answer ends.</summary>
    public void Leave() => Interlocked.Decrement(ref _active);

    /// <summary>An answer's share.</summary>
    /// <param name="least">The least that is of use, in bytes.</param>
    /// <param name="most">The most that is.</param>
    public int ShareOf(int least, int most) => (int)Math.Clamp(Budget / Math.Max(1, Active), least, most);
}
