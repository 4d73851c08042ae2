using System.Numerics;

namespace Vt.Stores.DataDir.Index;

/// <summary>
/// Which runs to merge next. A run's level is the logarithm of its size: eight runs of a level become one of the next, so that N
/// entries stand in some 7 log8(N / 32768) runs at most and each is rewritten log8(N / 32768) times.
/// </summary>
static class MergePolicy
{
    /// <summary>Runs of a level that make a merge due, and the factor between levels.</summary>
    public const int Fan = 8;

    /// <summary>The most runs that one merge reads, which bounds its memory and maps.</summary>
    public const int LargestFan = 4096;

    /// <summary>Entries below which all runs are of level 0.</summary>
    public const long SmallRun = 4096 * Fan;

    /// <summary>Runs that reach this size, 48 GiB, are left as they are.</summary>
    public const long LargestRun = 1L << 30;

    const int FanBits = 3;

    /// <summary>The level of a run of so many entries.</summary>
    public static int LevelOf(long count) => count < SmallRun ? 0 : BitOperations.Log2((ulong)(count / SmallRun)) / FanBits + 1;

    /// <summary>The runs to merge now; none when nothing is due. What scans gave goes first, so that a pack is scanned once.</summary>
    /// <param name="runs">All runs in use.</param>
    /// <param name="packs">The packs that are there.</param>
    public static List<Run> Choose(ReadOnlySpan<Run> runs, IReadOnlySet<PackId> packs)
    {
        var scans = new List<Run>();
        foreach (var run in runs)
        {
            if (run.IsScan && scans.Count < LargestFan)
                scans.Add(run);
        }

        if (scans.Count > 0)
            return scans;
        var levels = new List<List<Run>>();
        foreach (var run in runs)
        {
            if (run.Count >= LargestRun)
                continue;
            var level = LevelOf(run.Count);
            while (levels.Count <= level)
                levels.Add([]);
            levels[level].Add(run);
        }

        for (var level = 0; level < levels.Count; level++)
        {
            if (levels[level].Count >= Fan)
                return AddAbove(levels, level);
        }

        foreach (var run in runs)
        {
            if (!run.IsPackRun && DeadOf(run, packs) * 2 > run.Count)
                return [run];
        }

        return [];
    }

    /// <summary>Takes the next levels along where the merge's result would make them due at once.</summary>
    static List<Run> AddAbove(List<List<Run>> levels, int level)
    {
        var merged = new List<Run>(levels[level].OrderBy(run => run.Count).Take(LargestFan));
        while (++level < levels.Count && levels[level].Count >= Fan - 1 && merged.Count + levels[level].Count <= LargestFan
            && LevelOf(merged.Sum(run => run.Count)) >= level)
        {
            merged.AddRange(levels[level]);
        }

        return merged;
    }

    static long DeadOf(Run run, IReadOnlySet<PackId> packs)
    {
        var dead = 0L;
        foreach (var pack in run.Packs)
            dead += packs.Contains(pack.Id) ? 0 : (long)pack.Count;
        return dead;
    }
}
