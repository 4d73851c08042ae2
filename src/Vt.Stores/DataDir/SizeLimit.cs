using Vt.Blocks.Contracts;

namespace Vt.Stores.DataDir;

/// <summary>
/// Keeps a store below a size. The packs are measured now and then, other processes' too: after a part of the room that was left is used, so that several processes
/// together go over it by little. Thread-safe; far from the limit it costs a comparison a batch.
/// </summary>
/// <param name="layout">Where packs lie.</param>
/// <param name="most">How many bytes they may have.</param>
/// <param name="store">The store's description.</param>
sealed class SizeLimit(DataDirLayout layout, long most, string store)
{
    // Several processes that measure at once use this part of what is left, each.
    const int Part = 8;

    long _untilMeasured;
    long _used;

    /// <summary>Whether a batch fits, whatever of it is new.</summary>
    /// <param name="blocks">The batch.</param>
    /// <param name="length">How many bytes the packs have, where it may not fit.</param>
    public bool HasRoom(ReadOnlySpan<BlockSlot> blocks, out long length)
    {
        long bytes = 0;
        foreach (ref readonly var slot in blocks)
            bytes += slot.Length;
        if (Interlocked.Read(ref _untilMeasured) < bytes)
            Measure();
        length = Interlocked.Read(ref _used);
        return length + bytes <= most;
    }

    /// <summary>Refuses a batch whose new blocks don't fit.</summary>
    /// <exception cref="StoreFullException">They don't.</exception>
    public void ThrowIfOver(long newBytes, long length)
    {
        if (newBytes > 0 && length + newBytes > most)
            throw new StoreFullException(store, $"its packs have {length} bytes, {newBytes} are to come, and max_size is {most}");
    }

    /// <summary>Counts what was stored.</summary>
    public void Note(long bytes)
    {
        Interlocked.Add(ref _untilMeasured, -bytes);
        Interlocked.Add(ref _used, bytes);
    }

    void Measure()
    {
        long used = 0;
        foreach (var file in new DirectoryInfo(layout.Packs).EnumerateFiles())
            used += file.Length;
        Interlocked.Exchange(ref _used, used);
        Interlocked.Exchange(ref _untilMeasured, Math.Max(0, most - used) / Part);
    }
}
