using System.Buffers;
using System.Diagnostics;
using Vt.Blocks.Contracts;

namespace Vt.Stores.Http;

/// <summary>A block's bytes in an array of the pool, to which it goes back when they are no longer used.</summary>
sealed class PooledBlock(int length) : IBlockOwner
{
    byte[]? _array = ArrayPool<byte>.Shared.Rent(length);

    /// <summary>The block's place.</summary>
    public Memory<byte> Memory => _array.AsMemory(0, length);

    /// <summary>The block, for who will release it.</summary>
    public BlockLease Lend() => new(Memory, this);

    /// <inheritdoc/>
    public void Release()
    {
        var array = Interlocked.Exchange(ref _array, null);
        Debug.Assert(array is not null, "a block is released twice");
        if (array is not null)
            ArrayPool<byte>.Shared.Return(array);
    }
}
