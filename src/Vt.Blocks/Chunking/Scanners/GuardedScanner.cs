using System.Diagnostics.CodeAnalysis;
using Vt.Blocks.BlockTree;

namespace Vt.Blocks.Chunking.Scanners;

/// <summary>
/// Asks a scanner for edges and lets it do no harm: what it throws, how often it is asked and what it may see are settled here.
/// A scanner that failed or used its budget up is not asked again for the chunk; the next chunk starts afresh, since a cut
/// must depend on nothing before its chunk.
/// </summary>
sealed class GuardedScanner
{
    /// <summary>How many places a scanner may look at in one chunk.</summary>
    public const int Budget = 8192;

    readonly Scanner _scanner;
    readonly byte[][] _needles;
    readonly int _offset;

    /// <summary>Guards <paramref name="scanner"/>.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "A scanner that fails must cost alignment only; it then has no needles.")]
    public GuardedScanner(Scanner scanner)
    {
        _scanner = scanner;
        try
        {
            _needles = [.. scanner.Needles.Where(needle => needle is { Length: > 0 })];
            _offset = scanner.NeedleOffset;
        }
        catch (Exception)
        {
            _needles = [];
        }
    }

    /// <summary>What was used in one chunk.</summary>
    public struct Search
    {
        /// <summary>How many more places may be looked at.</summary>
        public int Left;
    }

    /// <summary>A full budget.</summary>
    public Search StartChunk() => new() { Left = _needles.Length == 0 ? 0 : Budget };

    /// <summary>The first edge that makes a chunk of <paramref name="from"/> to <paramref name="to"/> bytes, or -1.</summary>
    public int FindEdge(ReadOnlySpan<byte> data, int from, int to, ref Search search)
    {
        var best = -1;
        foreach (var needle in _needles)
        {
            if (search.Left <= 0 || from > to)
                return best;
            var edge = FindEdge(data, needle, from, to, ref search);
            if (edge >= 0)
            {
                best = edge;
                to = edge - 1;
            }
        }

        return best;
    }

    int FindEdge(ReadOnlySpan<byte> data, byte[] needle, int from, int to, ref Search search)
    {
        var end = (long)to + _offset + needle.Length;
        var within = data[..(int)Math.Clamp(end, 0, data.Length)];
        for (var at = (int)Math.Clamp((long)from + _offset, 0, within.Length); ; at++)
        {
            var found = within[at..].IndexOf(needle);
            if (found < 0)
                return -1;
            at += found;
            var edge = at - _offset;
            if (search.Left-- <= 0)
                return -1;
            if (Ask(data, edge, ref search))
                return edge;
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "A scanner that fails must cost alignment only, whatever it throws.")]
    bool Ask(ReadOnlySpan<byte> data, int edge, ref Search search)
    {
        try
        {
            var before = data[..edge];
            var after = data[edge..];
            return _scanner.IsEdge(
                before[Math.Max(0, before.Length - IChunkCutter.Lookahead)..], after[..Math.Min(after.Length, IChunkCutter.Lookahead)]);
        }
        catch (Exception)
        {
            search.Left = 0;
            return false;
        }
    }
}
