using Vt.Blocks.Encoding;

namespace Vt.Blocks.Chunking.Scanners;

/// <summary>
/// Knows where a kind of content has edges at which chunks had better be cut: members of archives, messages, functions. A
/// scanner is a local recogniser without state: it looks at the bytes around one place, never at where that is in the content,
/// so that content is cut alike after any edit. What it proposes can cost alignment but never data.
/// </summary>
public abstract class Scanner
{
    /// <summary>The scanner's name, as in options and messages.</summary>
    public abstract string Name { get; }

    /// <summary>The byte strings that mark edges: few and rare ones are found at the speed of memory.</summary>
    public abstract IReadOnlyList<byte[]> Needles { get; }

    /// <summary>How many bytes the needle starts behind the edge; negative if the edge is behind the needle's start.</summary>
    public virtual int NeedleOffset => 0;

    /// <summary>Whether a place where a needle was found is an edge.</summary>
    /// <param name="before">The bytes of the chunk before the edge, at most 4096 of them.</param>
    /// <param name="after">The bytes from the edge on, at most 4096 of them; fewer only where the content ends.</param>
    public virtual bool IsEdge(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after) => true;

    /// <summary>
    /// Chooses some of many edges by the bytes behind them. Where edges are dense, taking each would tie every cut to the one
    /// before, and an insertion would move all that follow.
    /// </summary>
    /// <param name="after">The bytes from the edge on, of which 32 count.</param>
    /// <param name="oneIn">How many edges share one that is chosen.</param>
    protected static bool IsChosen(ReadOnlySpan<byte> after, uint oneIn) =>
        Mix64.Hash(after[..Math.Min(after.Length, 32)]) % oneIn == 0;
}
