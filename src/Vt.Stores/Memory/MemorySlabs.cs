using Vt.Posix;

namespace Vt.Stores.Memory;

/// <summary>
/// Room for blocks, cut from long arrays in large pages: fresh memory costs as much as everything else that is done with a block where it comes in pages of 4 KiB.
/// What is cut off lives for as long as somebody refers to it, and its array with it. Thread-safe.
/// </summary>
sealed class MemorySlabs
{
    const int First = 64 << 10;
    const int Largest = 32 << 20;

    // Guards all of the below.
    readonly Lock _gate = new();
    byte[] _slab = [];
    int _used;
    int _next = First;

    /// <summary>Cuts room off, whose bytes are anything.</summary>
    /// <param name="count">How many bytes.</param>
    public Memory<byte> Take(int count)
    {
        lock (_gate)
        {
            if (count > _slab.Length - _used)
            {
                // What is left of a slab must be little against it.
                while (count > _next / 8 && _next < Largest)
                    _next *= 2;
                if (count > _next / 8)
                    return Make(count);
                (_slab, _used) = (Make(_next), 0);
                _next = Math.Min(2 * _next, Largest);
            }

            _used += count;
            return _slab.AsMemory(_used - count, count);
        }
    }

    static byte[] Make(int count)
    {
        var slab = GC.AllocateUninitializedArray<byte>(count);
        if (count >= 2 * LargePages.Length)
            LargePages.Prefer(slab);
        return slab;
    }
}
