using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Vt.Blocks.BlockTree;
using Vt.Blocks.Chunking.Scanners;

namespace Vt.Blocks.Chunking;

/// <summary>
/// Cuts content into chunks where its bytes say so: the same bytes are cut alike wherever they stand and however they arrive.
/// Immutable and safe from any thread.
/// </summary>
/// <remarks>
/// The first of these is the cut: a run of equal bytes starts; the rule finds its hash (from the minimum on); the scanner finds
/// an edge (from half the average on); the maximum. A cut depends on the bytes since the chunk's start, and on no more than
/// <see cref="IChunkCutter.Lookahead"/> behind it.
/// </remarks>
public sealed class Chunker : IChunkCutter
{
    const int Stretch = 4096;
    const int ProbeStride = IChunkCutter.MinimumRun / 2;
    const int SmallestMinimum = 64;

    readonly PGearRule _rule;
    readonly GuardedScanner? _scanner;
    readonly int _width;

    /// <summary>Cuts by these parameters.</summary>
    /// <param name="parameters">What the store recorded.</param>
    /// <param name="scanner">Proposes edges for the content's type, or null.</param>
    /// <exception cref="ArgumentException">
    /// The rule is not known, or the sizes are not 64 &lt;= minimum &lt;= average &lt;= maximum &lt;=
    /// <see cref="ChunkingParameters.LargestBlock"/> with an average of at least 256.
    /// </exception>
    public Chunker(ChunkingParameters parameters, Scanner? scanner = null)
        : this(parameters, scanner, MachineWidth)
    {
    }

    internal Chunker(ChunkingParameters parameters, Scanner? scanner, int width)
    {
        if (parameters.Rule != 1)
            throw new ArgumentException($"chunking rule {parameters.Rule} is not known", nameof(parameters));
        if (parameters.Minimum < SmallestMinimum || parameters.Average < 256 || parameters.Average < parameters.Minimum
            || parameters.Maximum < parameters.Average || parameters.Maximum > ChunkingParameters.LargestBlock)
        {
            throw new ArgumentException(
                $"chunk sizes {parameters.Minimum}, {parameters.Average}, {parameters.Maximum} are not usable", nameof(parameters));
        }

        Parameters = parameters;
        _rule = new PGearRule(parameters.Average);
        _scanner = scanner is null ? null : new GuardedScanner(scanner);
        _width = width;
    }

    /// <summary>How the content is cut.</summary>
    public ChunkingParameters Parameters { get; }

    /// <inheritdoc/>
    public int Maximum => Parameters.Maximum;

    /// <summary>The widest vectors, in bits, that this machine searches with; 0 for none.</summary>
    internal static int MachineWidth
    {
        get
        {
            if (!BitConverter.IsLittleEndian)
                return 0;
            if (Avx512BW.IsSupported)
                return 512;
            if (Avx2.IsSupported)
                return 256;
            return Vector128.IsHardwareAccelerated ? 128 : 0;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">More bytes are needed: <paramref name="data"/> is too short and not final.</exception>
    public int Cut(ReadOnlySpan<byte> data, bool final)
    {
        if (data.IsEmpty || (!final && data.Length < Maximum + IChunkCutter.Lookahead))
            throw new ArgumentException($"a cut needs more than {data.Length} bytes", nameof(data));
        data = data[..Math.Min(data.Length, Maximum + IChunkCutter.Lookahead)];
        var limit = Math.Min(data.Length, Maximum);
        var search = _scanner?.StartChunk() ?? default;
        var probe = 0;
        Span<ulong> candidates = stackalloc ulong[Stretch / 64];
        for (var from = Math.Min(Parameters.Minimum, limit); ;)
        {
            var to = Math.Min(limit, from + Stretch - 1);
            var run = FindRun(data, to, ref probe);
            if (run >= 0)
                to = run;
            var cut = FindHash(data, from, to, candidates);
            if (_scanner is not null)
            {
                var first = Math.Max(from, Math.Max(Parameters.Minimum, Parameters.Average / 2));
                var edge = _scanner.FindEdge(data, first, cut < 0 ? to : cut - 1, ref search);
                if (edge >= 0)
                    cut = edge;
            }

            if (cut >= 0)
                return cut;
            if (run >= 0)
                return run;
            if (to == limit)
                return limit;
            from = to + 1;
        }
    }

    /// <summary>Cuts content that lies in memory in whole. Runs are chunks too, and may be longer than the maximum.</summary>
    /// <param name="data">The content; borrowed for the call.</param>
    /// <param name="chunks">Receives the chunks in order.</param>
    /// <returns>
    /// How many there are, at most as many as <paramref name="chunks"/> holds; if it is full, the last one's end is where the
    /// next call goes on.
    /// </returns>
    public int CutAll(ReadOnlySpan<byte> data, Span<Chunk> chunks)
    {
        var count = 0;
        for (var at = 0; at < data.Length && count < chunks.Length; count++)
        {
            var rest = data[at..];
            var equal = EqualPrefix(rest);
            var length = equal >= IChunkCutter.MinimumRun ? equal : Cut(rest, final: true);
            chunks[count] = new Chunk(at, length);
            at += length;
        }

        return count;
    }

    static int EqualPrefix(ReadOnlySpan<byte> data)
    {
        var differs = data.IndexOfAnyExcept(data[0]);
        return differs < 0 ? data.Length : differs;
    }

    /// <summary>
    /// The first run that starts behind the chunk's first byte and not behind <paramref name="to"/>, or -1. Every run covers a
    /// probe of eight bytes at a multiple of the stride, so hardly any byte is looked at.
    /// </summary>
    static int FindRun(ReadOnlySpan<byte> data, int to, ref int probe)
    {
        for (; probe + sizeof(ulong) <= data.Length && probe < to + ProbeStride; probe += ProbeStride)
        {
            var word = BinaryPrimitives.ReadUInt64LittleEndian(data[probe..]);
            if (word != BitOperations.RotateLeft(word, 8))
                continue;
            var value = data[probe];
            var start = data[..probe].LastIndexOfAnyExcept(value) + 1;
            if (start > to)
                break;
            if (start > 0 && data.Length - start >= IChunkCutter.MinimumRun
                && data.Slice(start, IChunkCutter.MinimumRun).IndexOfAnyExcept(value) < 0)
            {
                return start;
            }
        }

        return -1;
    }

    /// <summary>The first length from <paramref name="from"/> to <paramref name="to"/> that the rule cuts, or -1.</summary>
    int FindHash(ReadOnlySpan<byte> data, int from, int to, Span<ulong> candidates)
    {
        if (to < Parameters.Minimum || from < Parameters.Minimum)
            return -1;
        var first = from - 1;
        var wanted = to - first;
        var whole = Math.Min((wanted + 63) & ~63, (data.Length - first) & ~63);
        if (_width == 0)
            whole = 0;
        var warm = data[(first - PGearRule.Window)..];
        if (whole > 0)
        {
            var stretch = warm[..(whole + PGearRule.Window)];
            if (_width == 512)
                PGearKernel.Find<Vector512<byte>, PGearVector512>(stretch, _rule.Bound, candidates);
            else if (_width == 256)
                PGearKernel.Find<Vector256<byte>, PGearVector256>(stretch, _rule.Bound, candidates);
            else
                PGearKernel.Find<Vector128<byte>, PGearVector128>(stretch, _rule.Bound, candidates);
        }

        if (whole < wanted)
            PGearScalar.Find(warm[whole..(wanted + PGearRule.Window)], _rule.Bound, candidates[(whole / 64)..]);
        for (var word = 0; word * 64 < wanted; word++)
        {
            for (var bits = candidates[word]; bits != 0; bits &= bits - 1)
            {
                var length = from + (word * 64) + BitOperations.TrailingZeroCount(bits);
                if (length > to)
                    return -1;
                if (_rule.IsCut(data, length))
                    return length;
            }
        }

        return -1;
    }
}
