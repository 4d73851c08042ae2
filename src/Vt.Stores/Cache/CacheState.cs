using System.Runtime.InteropServices;
using Vt.Posix;

namespace Vt.Stores.Cache;

/// <summary>
/// The numbers on the first page of a cache's table, which all processes share. Written under the cache's lock but for the counts of hits and misses; read by anybody.
/// </summary>
/// <param name="map">The table.</param>
sealed class CacheState(MemoryMap map)
{
    /// <summary>The page, in bytes.</summary>
    public const int Size = 4096;

    const ulong Mark = 0x3165_6863_6143_7456; // "VtCache1"

    /// <summary>Whether the table was made whole.</summary>
    public bool IsMade
    {
        get => Word(0) == Mark;
        set => Volatile.Write(ref Word(0), value ? Mark : 0);
    }

    /// <summary>Which start of the machine the numbers are of: after another one, what was not synced may be lost.</summary>
    public ulong Boot
    {
        get => Volatile.Read(ref Word(1));
        set => Volatile.Write(ref Word(1), value);
    }

    /// <summary>The number of the next segment; never used before.</summary>
    public uint NextSegment
    {
        get => (uint)Volatile.Read(ref Word(2));
        set => Volatile.Write(ref Word(2), value);
    }

    /// <summary>No segment before this one is there.</summary>
    public uint OldestSegment
    {
        get => (uint)Volatile.Read(ref Word(3));
        set => Volatile.Write(ref Word(3), value);
    }

    /// <summary>Where the next block goes that was read from the store behind; 0 where a segment has to be begun.</summary>
    public ulong CleanEnd
    {
        get => Volatile.Read(ref Word(4));
        set => Volatile.Write(ref Word(4), value);
    }

    /// <summary>Where the next block goes that is to be sent; 0 where a segment has to be begun.</summary>
    public ulong QueueEnd
    {
        get => Volatile.Read(ref Word(5));
        set => Volatile.Write(ref Word(5), value);
    }

    /// <summary>Everything that was queued before this position is in the store behind, flushed.</summary>
    public ulong Sent
    {
        get => Volatile.Read(ref Word(6));
        set => Volatile.Write(ref Word(6), value);
    }

    /// <summary>Everything that was queued before this position is durable here.</summary>
    public ulong Synced
    {
        get => Volatile.Read(ref Word(7));
        set => Volatile.Write(ref Word(7), value);
    }

    /// <summary>Bytes that are queued and not sent.</summary>
    public long LagBytes
    {
        get => (long)Volatile.Read(ref Word(8));
        set => Volatile.Write(ref Word(8), (ulong)Math.Max(0, value));
    }

    /// <summary>Blocks that are queued and not sent.</summary>
    public long LagBlocks
    {
        get => (long)Volatile.Read(ref Word(9));
        set => Volatile.Write(ref Word(9), (ulong)Math.Max(0, value));
    }

    /// <summary>When the oldest of them came, in ticks of UTC; 0 where there are none.</summary>
    public long LagSince
    {
        get => (long)Volatile.Read(ref Word(10));
        set => Volatile.Write(ref Word(10), (ulong)value);
    }

    /// <summary>How often segments were removed: who sees it change lets go of those that he has open.</summary>
    public ulong Removals
    {
        get => Volatile.Read(ref Word(11));
        set => Volatile.Write(ref Word(11), value);
    }

    /// <summary>Grows with every change of queued movements of references.</summary>
    public ulong MoveVersion
    {
        get => Volatile.Read(ref Word(12));
        set => Volatile.Write(ref Word(12), value);
    }

    /// <summary>Movements of references that were kept under other names.</summary>
    public int Conflicts
    {
        get => (int)Volatile.Read(ref Word(13));
        set => Volatile.Write(ref Word(13), (ulong)value);
    }

    /// <summary>Movements of references that wait to be made.</summary>
    public int Moves
    {
        get => (int)Volatile.Read(ref Word(14));
        set => Volatile.Write(ref Word(14), (ulong)value);
    }

    /// <summary>Reads that were answered from the cache, by all processes.</summary>
    public long Hits => (long)Volatile.Read(ref Word(16));

    /// <summary>Reads that were not.</summary>
    public long Misses => (long)Volatile.Read(ref Word(24));

    /// <summary>Counts reads.</summary>
    public void NoteReads(int hits, int misses)
    {
        if (hits > 0)
            Interlocked.Add(ref Word(16), (ulong)hits);
        if (misses > 0)
            Interlocked.Add(ref Word(24), (ulong)misses);
    }

    ref ulong Word(int at) => ref MemoryMarshal.Cast<byte, ulong>(map.WritableSpan(at * sizeof(ulong), sizeof(ulong)))[0];
}
