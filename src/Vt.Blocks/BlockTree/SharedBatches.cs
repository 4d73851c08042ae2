namespace Vt.Blocks.BlockTree;

/// <summary>Batches beyond those of its own that a <see cref="BlockTreeWriter"/> may have under way, among all writers that share them. Thread-safe.</summary>
/// <param name="count">How many there are.</param>
public sealed class SharedBatches(int count)
{
    int _free = count;

    /// <summary>Takes one.</summary>
    /// <returns>False where none is left.</returns>
    public bool TryTake()
    {
        if (Interlocked.Decrement(ref _free) >= 0)
            return true;
        Interlocked.Increment(ref _free);
        return false;
    }

    /// <summary>Gives some back.</summary>
    public void GiveBack(int some) => Interlocked.Add(ref _free, some);
}
