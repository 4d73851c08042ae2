namespace Vt.Trees.Export;

/// <summary>Numbers that an export keeps up to date; readable from any thread at any time.</summary>
public sealed class ExportCounters
{
    long _directories;
    long _entries;
    long _bytes;
    long _issues;

    /// <summary>Directories that were made or merged into.</summary>
    public long Directories => Volatile.Read(ref _directories);

    /// <summary>Names other than directories that were made, all names of a hard-linked file among them.</summary>
    public long Entries => Volatile.Read(ref _entries);

    /// <summary>Bytes of content that were restored, holes included.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>How often something could not be brought back as it was, reported one by one or not.</summary>
    public long Issues => Volatile.Read(ref _issues);

    internal void CountDirectory() => Interlocked.Increment(ref _directories);

    internal void CountEntry() => Interlocked.Increment(ref _entries);

    internal void CountBytes(long bytes) => Interlocked.Add(ref _bytes, bytes);

    internal void CountIssue() => Interlocked.Increment(ref _issues);
}
