using System.Diagnostics;
using Vt.Fuse.Protocol;

namespace Vt.Fuse.Session;

/// <summary>
/// Learns which operations are slow, which means that their handlers wait for something: by a moving average of each operation's time, in which one
/// handler that lost its processor for a while doesn't count for much. Safe from any thread; a time that is lost in a race is no loss.
/// </summary>
sealed class RingPace
{
    const int Opcodes = 64;

    /// <summary>Handing a request to another thread and its reply back costs about 10 µs; an operation that takes several times as long is worth it.</summary>
    const int SlowMicroseconds = 60;

    /// <summary>Below this it isn't any more.</summary>
    const int FastMicroseconds = 20;

    /// <summary>What one handler counts for at most.</summary>
    const int LongestMicroseconds = 480;

    /// <summary>The average is of about this many.</summary>
    const int Weight = 16;

    readonly int[] _averages = new int[Opcodes]; // in µs, times Weight
    readonly bool[] _isSlow = new bool[Opcodes];

    public RingPace()
    {
        // These wait for a disk or for somebody else whatever the filesystem, until it is seen to be otherwise.
        foreach (var opcode in (FuseOpcode[])[FuseOpcode.Fsync, FuseOpcode.Fsyncdir, FuseOpcode.Syncfs, FuseOpcode.Setlkw])
            MarkSlow(opcode);
    }

    /// <summary>Whether an operation's handlers are better run where they hold up no ring.</summary>
    public bool IsSlow(FuseOpcode opcode) => Volatile.Read(ref _isSlow[IndexOf(opcode)]);

    /// <summary>A handler has run.</summary>
    /// <param name="opcode">Whose.</param>
    /// <param name="ticks">How long, in ticks of <see cref="Stopwatch"/>.</param>
    public void Note(FuseOpcode opcode, long ticks)
    {
        var index = IndexOf(opcode);
        var microseconds = (int)Math.Min(LongestMicroseconds, ticks * 1_000_000 / Stopwatch.Frequency);
        ref var average = ref _averages[index];
        var now = average + microseconds - (average / Weight);
        average = now;
        if (now > SlowMicroseconds * Weight)
            Volatile.Write(ref _isSlow[index], true);
        else if (now < FastMicroseconds * Weight)
            Volatile.Write(ref _isSlow[index], false);
    }

    /// <summary>A handler was found waiting.</summary>
    public void MarkSlow(FuseOpcode opcode)
    {
        var index = IndexOf(opcode);
        _averages[index] = Math.Max(_averages[index], 2 * SlowMicroseconds * Weight);
        Volatile.Write(ref _isSlow[index], true);
    }

    static int IndexOf(FuseOpcode opcode) => (int)Math.Min((uint)opcode, Opcodes - 1);
}
