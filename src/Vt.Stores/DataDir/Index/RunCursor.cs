namespace Vt.Stores.DataDir.Index;

/// <summary>A place in a run's ascending entries; a page is checked when the cursor enters it. The owner keeps the run acquired.</summary>
sealed class RunCursor(Run run, long start)
{
    long _index = start - 1;

    public Run Run => run;

    public IndexEntry Entry { get; private set; }

    /// <summary>The sequence of the pack that the entry lies in.</summary>
    public ulong Sequence => run.PackOf(Entry).Sequence;

    /// <summary>Goes to the next entry.</summary>
    /// <returns>False at the end.</returns>
    /// <exception cref="Blocks.Contracts.FormatInvalidException">The run is damaged there.</exception>
    public bool MoveNext()
    {
        if (++_index >= run.Count)
            return false;
        Entry = run.EntryAt(_index);
        return true;
    }
}
