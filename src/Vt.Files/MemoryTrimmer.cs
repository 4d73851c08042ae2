using Vt.Files.Inodes;

namespace Vt.Files;

/// <summary>
/// Gives memory back to the system once many inodes have left it. The garbage collector would do so when it next has a reason to collect, which a mount that
/// allocates nothing in its steady state never gives it.
/// </summary>
/// <param name="tree">The tree whose inodes leave.</param>
sealed class MemoryTrimmer(LiveTree tree)
{
    // About 100 MiB of inodes.
    const long Many = 65536;

    long _seen;
    long _trimmed;

    /// <summary>To be called about every second: collects once many have left and no more do.</summary>
    /// <remarks>All threads stand still for it, for some 20 ms, as little is left by then.</remarks>
    public void Tick()
    {
        var dropped = tree.Dropped;
        var isQuiet = dropped == _seen;
        _seen = dropped;
        if (!isQuiet || dropped - _trimmed < Many)
            return;
        _trimmed = dropped;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }
}
