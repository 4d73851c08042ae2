namespace Vt.Stores.DataDir.Index;

/// <summary>Chooses from the merged runs that lie in the index folder those to use.</summary>
static class RunCover
{
    /// <summary>
    /// Takes the runs that cover the most packs first and leaves out each that covers no pack anew: after an interrupted merge the
    /// old runs lie beside the new one, which covers them all.
    /// </summary>
    /// <param name="runs">The runs in the folder.</param>
    /// <param name="packs">The packs that are there.</param>
    /// <param name="uncovered">Receives the packs that no run covers.</param>
    public static List<Run> Choose(IEnumerable<Run> runs, IReadOnlySet<PackId> packs, out HashSet<PackId> uncovered)
    {
        var left = new HashSet<PackId>(packs);
        var chosen = new List<Run>();
        var widestFirst = new List<(int Width, Run Run)>();
        foreach (var run in runs)
            widestFirst.Add((CountIn(run, packs), run));
        widestFirst.Sort(WidestFirst);
        foreach (var (_, run) in widestFirst)
        {
            var before = left.Count;
            foreach (var pack in run.Packs)
                left.Remove(pack.Id);
            if (left.Count < before)
                chosen.Add(run);
        }

        uncovered = left;
        return chosen;
    }

    static int WidestFirst((int Width, Run Run) a, (int Width, Run Run) b)
    {
        var byWidth = b.Width.CompareTo(a.Width);
        if (byWidth != 0)
            return byWidth;
        var byCount = a.Run.Count.CompareTo(b.Run.Count);
        return byCount != 0 ? byCount : string.CompareOrdinal(a.Run.Name, b.Run.Name);
    }

    static int CountIn(Run run, IReadOnlySet<PackId> packs)
    {
        var count = 0;
        foreach (var pack in run.Packs)
            count += packs.Contains(pack.Id) ? 1 : 0;
        return count;
    }
}
