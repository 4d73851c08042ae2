namespace Vt.Files;

/// <summary>
/// How many bytes of content a tree may have. What is stored is known exactly; what was written since the last checkpoint's instant is counted as far as it may be
/// new, so who is refused asks for a checkpoint and once more. Safe from any thread.
/// </summary>
/// <param name="most">The most that all files together may have outside of holes.</param>
/// <param name="stored">How much the stored ones have.</param>
sealed class Quota(long most, Func<long> stored)
{
    long _taken;
    long _frozen;

    /// <summary>The most.</summary>
    public long Most => most;

    /// <summary>How much is left.</summary>
    public long Left => Math.Max(0, most - stored() - Interlocked.Read(ref _taken) - Interlocked.Read(ref _frozen));

    /// <summary>Counts bytes that are about to be written; false, and nothing is counted, where they are too many.</summary>
    public bool TryTake(long bytes)
    {
        if (bytes > Left)
            return false;
        Interlocked.Add(ref _taken, bytes);
        return true;
    }

    /// <summary>A checkpoint's instant: what was taken until now will be among what is stored.</summary>
    public void Freeze() => Interlocked.Add(ref _frozen, Interlocked.Exchange(ref _taken, 0));

    /// <summary>The checkpoint was made.</summary>
    public void Complete() => Interlocked.Exchange(ref _frozen, 0);
}
