using Vt.Blocks.Contracts;

namespace Vt.Blocks.BlockTree;

/// <summary>How a <see cref="BlockTreeWriter"/> works; what it writes does not depend on it.</summary>
public sealed record BlockTreeWriterOptions
{
    const int FewWorkers = 2;
    const int ManyWorkers = 8;

    /// <summary>For a large content that goes to a store: two workers, which is what one cutter keeps busy, but more where they wait for a distant store.</summary>
    public static BlockTreeWriterOptions ForLarge(IBlockStore store) => new() { Workers = store.IsDistant ? ManyWorkers : FewWorkers };

    /// <summary>About how many bytes are hashed and added together.</summary>
    public int BatchBytes { get; init; } = 1 << 20;

    /// <summary>
    /// How many batches may be hashed and added at once, on the thread pool, while more content is taken and cut. 0 does all
    /// in the caller's own flow, which is right for small content and where many writers are at work already.
    /// </summary>
    public int Workers { get; init; }
}
