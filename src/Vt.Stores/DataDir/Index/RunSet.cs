using Vt.Blocks.Contracts;

namespace Vt.Stores.DataDir.Index;

/// <summary>
/// The runs that answer lookups at one moment, newest first, and which of their packs are there. Immutable; replaced as a whole.
/// Counted like <see cref="Run"/>: whoever acquired it can use its runs until the release, merged away meanwhile or not.
/// </summary>
sealed class RunSet
{
    readonly Run[] _runs;
    readonly int[][] _slots;
    int _references = 1;

    /// <summary>Makes a set that acquires each of the runs.</summary>
    /// <param name="runs">The runs; the set orders them.</param>
    /// <param name="packs">The packs that are there: places in others are not given.</param>
    /// <param name="slots">Numbers the packs.</param>
    public RunSet(IEnumerable<Run> runs, IReadOnlySet<PackId> packs, PackSlots slots)
    {
        Packs = packs;
        _runs = [.. runs];
        Array.Sort(_runs, NewestFirst);
        _slots = new int[_runs.Length][];
        for (var i = 0; i < _runs.Length; i++)
        {
            _runs[i].Acquire();
            _slots[i] = new int[_runs[i].Packs.Length];
            for (var row = 0; row < _slots[i].Length; row++)
            {
                var pack = _runs[i].Packs[row];
                var present = packs.Contains(pack.Id);
                _slots[i][row] = present ? slots.SlotOf(pack.Id) : -1;
                Count += present ? (long)pack.Count : 0;
            }
        }
    }

    static int NewestFirst(Run a, Run b)
    {
        var bySequence = b.Sequence.CompareTo(a.Sequence);
        return bySequence != 0 ? bySequence : a.Count.CompareTo(b.Count);
    }

    /// <summary>The runs, newest first.</summary>
    public ReadOnlySpan<Run> Runs => _runs;

    /// <summary>The packs that were there when the set was made.</summary>
    public IReadOnlySet<PackId> Packs { get; }

    /// <summary>How many places of blocks the set knows; a block that lies in two packs counts twice.</summary>
    public long Count { get; }

    /// <summary>For each row of a run's pack table the pack's slot, or -1 where it is gone.</summary>
    public ReadOnlySpan<int> SlotsOf(int run) => _slots[run];

    /// <summary>Holds the set, unless its last holder let go already.</summary>
    public bool TryAcquire()
    {
        var references = Volatile.Read(ref _references);
        while (references > 0)
        {
            var seen = Interlocked.CompareExchange(ref _references, references + 1, references);
            if (seen == references)
                return true;
            references = seen;
        }

        return false;
    }

    /// <summary>Lets go.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _references) != 0)
            return;
        foreach (var run in _runs)
            run.Release();
    }

    /// <summary>Looks up a batch of keys in run after run.</summary>
    /// <param name="keys">At most <see cref="Run.Batch"/> keys.</param>
    /// <param name="pending">Indexes of the keys to look up; compacted to those that were not found.</param>
    /// <param name="locations">Receives the places, at the keys' indexes.</param>
    /// <param name="run">Starts at 0; after an exception the number of the run that threw it.</param>
    /// <returns>How many were not found.</returns>
    /// <exception cref="FormatInvalidException">Run number <paramref name="run"/> is damaged. What was found before stands.</exception>
    public int Find(ReadOnlySpan<BlockKey> keys, Span<int> pending, Span<BlockLocation> locations, ref int run)
    {
        for (; run < _runs.Length && !pending.IsEmpty; run++)
            pending = pending[.._runs[run].Find(keys, pending, _slots[run], locations)];
        return pending.Length;
    }
}
