namespace Vt.Trees.Check;

/// <summary>How far a check has come; may be looked at from any thread.</summary>
public sealed class CheckCounters
{
    long _entries;
    long _blocks;
    long _bytes;
    long _faults;

    /// <summary>Directory entries looked at.</summary>
    public long Entries => Volatile.Read(ref _entries);

    /// <summary>Blocks that are there, of trees and of content, each counted once.</summary>
    public long Blocks => Volatile.Read(ref _blocks);

    /// <summary>Their bytes.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Faults found.</summary>
    public long Faults => Volatile.Read(ref _faults);

    internal void CountEntry() => Interlocked.Increment(ref _entries);

    internal void CountFault() => Interlocked.Increment(ref _faults);

    internal void CountBlock(long bytes)
    {
        Interlocked.Increment(ref _blocks);
        Interlocked.Add(ref _bytes, bytes);
    }
}
