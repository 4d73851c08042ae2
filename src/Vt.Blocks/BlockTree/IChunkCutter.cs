namespace Vt.Blocks.BlockTree;

/// <summary>
/// Where content is cut into leaves. A cut is a pure function of the bytes from the chunk's start on: the writer's and the
/// splicer's promises rest on that.
/// </summary>
/// <remarks>
/// A cut <c>n</c> bytes behind the chunk's start may depend on those bytes and on at most <see cref="Lookahead"/> bytes
/// more, or on the content's end within that distance, and on nothing else. Where <see cref="MinimumRun"/> or more equal
/// bytes start behind the chunk's first byte, no cut may lie beyond their start.
/// </remarks>
public interface IChunkCutter
{
    /// <summary>This many equal bytes or more are a run: a leaf of its own, from its first byte to its last.</summary>
    const int MinimumRun = 4096;

    /// <summary>How far behind a cut the bytes may have a say in it.</summary>
    const int Lookahead = 4096;

    /// <summary>The longest chunk, in bytes.</summary>
    int Maximum { get; }

    /// <summary>The length of the chunk that starts where <paramref name="data"/> starts.</summary>
    /// <param name="data">
    /// The content from the chunk's start: <see cref="Maximum"/> + <see cref="Lookahead"/> bytes, or less where it ends
    /// before; at least 1 byte. It does not start with a run. Borrowed for the call.
    /// </param>
    /// <param name="final">Whether the content ends with <paramref name="data"/>.</param>
    /// <returns>1 to <see cref="Maximum"/> and at most the length of <paramref name="data"/>.</returns>
    int Cut(ReadOnlySpan<byte> data, bool final);
}
