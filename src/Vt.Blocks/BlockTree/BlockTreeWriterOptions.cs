using Vt.Blocks.Contracts;

namespace Vt.Blocks.BlockTree;

/// <summary>How a <see cref="BlockTreeWriter"/> works; what it writes does not depend on it.</summary>
public sealed record BlockTreeWriterOptions
{
    const int FewWorkers = 2;
    const int ManyWorkers = 8;

    // Over a line that carries R a second by itself and answers after D, N bytes under way go through at N / (N / R + D) at the worst, when all stations of the way take turns on few processors.
    // With these and the many, 48 batches of a MiB, a line of 250 MB/s that answers after 50 ms keeps four fifths of that. More would be met by memory: each is 3 to 4 MiB of a process.
    const int SharedWorkers = 40;

    /// <summary>
    /// For large contents that go to a store: two workers, which is what one cutter keeps busy, but more where they wait for a distant store, and further ones that all writers share which are
    /// given these options.
    /// </summary>
    public static BlockTreeWriterOptions ForLarge(IBlockStore store) =>
        store.IsDistant ? new() { Workers = ManyWorkers, Shared = new SharedBatches(SharedWorkers) } : new() { Workers = FewWorkers };

    /// <summary>About how many bytes are hashed and added together.</summary>
    public int BatchBytes { get; init; } = 1 << 20;

    /// <summary>
    /// How many batches may be hashed and added at once, on the thread pool, while more content is taken and cut. 0 does all
    /// in the caller's own flow, which is right for small content and where many writers are at work already.
    /// </summary>
    public int Workers { get; init; }

    /// <summary>Further batches, beyond those of the workers, that may be under way; null for none.</summary>
    public SharedBatches? Shared { get; init; }
}
