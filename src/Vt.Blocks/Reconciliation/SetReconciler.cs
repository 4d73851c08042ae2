using System.Runtime.CompilerServices;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Blocks.Reconciliation;

/// <summary>
/// Finds the blocks that one store has and another has not, at a cost on the line that depends on how many these are: some 20 bytes for each, and four kilobytes.
/// </summary>
/// <remarks>
/// <para>
/// The sums of 256 parts say which parts differ, and by how many names at least. Of those that differ sketches are taken with as many cells as that needs; where
/// one does not tell, with twice as many; where that would be more than a sketch may have, of smaller parts. Parts of which the target has less than half are not compared: all of
/// their names come, and some of them may be there.
/// </para>
/// <para>Memory: two sketches, and 32,768 numbers and names. One run at a time.</para>
/// </remarks>
/// <param name="source">Has them.</param>
/// <param name="target">May not have them.</param>
public sealed class SetReconciler(ISetSketches source, ISetSketches target)
{
    /// <summary>How many names are looked for with one question.</summary>
    public const int MostNumbers = 32_768;

    const int FirstBits = 8;
    const int FewDifferences = 200;

    readonly FingerprintKey _key = FingerprintKey.Draw();
    readonly List<ulong> _numbers = [];
    SketchRange _found;

    /// <summary>Finds them, in batches.</summary>
    /// <exception cref="StoreUnavailableException">One of the stores says what can't be.</exception>
    public IAsyncEnumerable<IReadOnlyList<BlockHash>> FindMissingAsync(CancellationToken cancellationToken = default) =>
        FindAsync(SketchRange.All(FirstBits), isFirst: true, cancellationToken);

    async IAsyncEnumerable<IReadOnlyList<BlockHash>> FindAsync(SketchRange range, bool isFirst, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var run in await CompareSumsAsync(range, isFirst, cancellationToken))
        {
            if (run.Cells < 0)
            {
                await foreach (var names in ListAsync(run.Range, cancellationToken))
                    yield return names;
                continue;
            }

            var part = run.Range.First;
            await foreach (var isTold in TellAsync(run.Range, run.Cells, cancellationToken))
            {
                if (!isTold)
                {
                    await foreach (var names in TellAgainAsync(run.Range with { First = part, Last = part }, run.Cells, cancellationToken))
                        yield return names;
                }

                part++;
                if (_numbers.Count >= MostNumbers / 2)
                    yield return await TakeNamesAsync(cancellationToken);
            }
        }

        if (_numbers.Count > 0)
            yield return await TakeNamesAsync(cancellationToken);
    }

    /// <summary>The parts that differ, neighbours together, with the cells that their sketches are to have; negative where there is too little to compare.</summary>
    async Task<List<(SketchRange Range, int Cells)>> CompareSumsAsync(SketchRange range, bool isFirst, CancellationToken cancellationToken)
    {
        var parts = new List<PartSums>();
        await foreach (var (ours, theirs) in PairsAsync(range, 0, cancellationToken))
            parts.Add(new PartSums(ours.Count, theirs.Count, ours.IsSameAs(theirs)));
        if (isFirst)
            range = Enlarge(range, ref parts);
        return RunsOf(range, parts);
    }

    // Each sketch has some cells more than it needs, so that larger parts are cheaper where nearly all of them differ by a little.
    static SketchRange Enlarge(SketchRange range, ref List<PartSums> parts)
    {
        while (range.Bits > 0 && parts.Count(static part => !part.IsSame) > parts.Count / 2
            && parts.Sum(static part => Math.Min(part.Differences, SetSketch.MostCells)) / parts.Count < FewDifferences)
        {
            parts = [.. parts.Chunk(2).Select(static two => two[0] + two[1])];
            range = SketchRange.All(range.Bits - 1);
        }

        return range;
    }

    static List<(SketchRange Range, int Cells)> RunsOf(SketchRange range, List<PartSums> parts)
    {
        var runs = new List<(SketchRange Range, int Cells)>();
        for (var i = 0; i < parts.Count; i++)
        {
            var (part, number) = (parts[i], range.First + (uint)i);
            if (part.IsSame || part.Ours == 0)
                continue;
            var cells = part.Theirs < part.Ours / 2 ? -1 : SetSketch.CellsFor(part.Differences);
            if (runs is [.., var last] && last.Range.Last + 1 == number && last.Cells < 0 == cells < 0)
                runs[^1] = (last.Range with { Last = number }, Math.Max(last.Cells, cells));
            else
                runs.Add((range with { First = number, Last = number }, cells));
        }

        return runs;
    }

    async IAsyncEnumerable<bool> TellAsync(SketchRange range, int cells, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (missing, extra) = (new List<ulong>(), new List<ulong>());
        var part = range.First;
        await foreach (var (ours, theirs) in PairsAsync(range, cells, cancellationToken))
        {
            missing.Clear();
            extra.Clear();
            var isTold = ours.TryTell(theirs, _key, missing, extra);
            if (isTold && missing.Count > 0)
                Note(range with { First = part, Last = part }, missing);
            part++;
            yield return isTold;
        }
    }

    async IAsyncEnumerable<IReadOnlyList<BlockHash>> TellAgainAsync(SketchRange part, int cells, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (cells < SetSketch.MostCells)
        {
            cells = Math.Min(cells * 2, SetSketch.MostCells);
            await foreach (var isTold in TellAsync(part, cells, cancellationToken))
            {
                if (isTold)
                    yield break;
            }
        }

        if (part.Bits + FirstBits > SketchRange.MostBits)
            throw new StoreUnavailableException("comparison", "what the two stores say of their blocks does not fit together");

        // The parts within have another number of bits, so what was found until now is looked up first.
        if (_numbers.Count > 0)
            yield return await TakeNamesAsync(cancellationToken);
        var within = new SketchRange(part.Bits + FirstBits, part.First << FirstBits, (part.First << FirstBits) | ((1u << FirstBits) - 1));
        await foreach (var names in FindAsync(within, isFirst: false, cancellationToken))
            yield return names;
    }

    void Note(SketchRange part, List<ulong> numbers)
    {
        _found = _numbers.Count == 0 ? part : _found with { Last = part.Last };
        _numbers.AddRange(numbers);
    }

    async Task<IReadOnlyList<BlockHash>> TakeNamesAsync(CancellationToken cancellationToken)
    {
        var names = new List<BlockHash>(_numbers.Count);
        foreach (var part in _numbers.Chunk(MostNumbers))
        {
            await foreach (var name in source.FindNamesAsync(_key, _found, part, cancellationToken))
            {
                names.Add(name);
                if (names.Count > _numbers.Count)
                    throw new StoreUnavailableException("comparison", "a store told of more blocks than it was asked for");
            }
        }

        if (names.Count != _numbers.Count)
            throw new StoreUnavailableException("comparison", $"of {_numbers.Count} blocks that are missing {names.Count} are found again: the store has changed meanwhile", isTransient: true);
        _numbers.Clear();
        return names;
    }

    async IAsyncEnumerable<IReadOnlyList<BlockHash>> ListAsync(SketchRange range, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var names = new List<BlockHash>();
        await foreach (var name in source.FindNamesAsync(_key, range, null, cancellationToken))
        {
            names.Add(name);
            if (names.Count < MostNumbers / 4)
                continue;
            yield return names;
            names = [];
        }

        if (names.Count > 0)
            yield return names;
    }

    async IAsyncEnumerable<(SetSketch Ours, SetSketch Theirs)> PairsAsync(SketchRange range, int cells, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var theirs = target.SketchAsync(_key, range, cells, cancellationToken).GetAsyncEnumerator(cancellationToken);
        var pairs = 0L;
        await foreach (var ours in source.SketchAsync(_key, range, cells, cancellationToken))
        {
            if (pairs == range.Count || !await theirs.MoveNextAsync() || ours.Cells != cells || theirs.Current.Cells != cells)
                throw Misfit();
            yield return (ours, theirs.Current);
            pairs++;
        }

        if (pairs != range.Count || await theirs.MoveNextAsync())
            throw Misfit();

        static StoreUnavailableException Misfit() =>
            new("comparison", "a store told of other parts than it was asked for");
    }

    readonly record struct PartSums(long Ours, long Theirs, bool IsSame)
    {
        public long Differences => Math.Abs(Ours - Theirs);

        public static PartSums operator +(PartSums one, PartSums other) => new(one.Ours + other.Ours, one.Theirs + other.Theirs, one.IsSame && other.IsSame);
    }
}
