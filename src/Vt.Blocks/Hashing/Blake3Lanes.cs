using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Vt.Blocks.Hashing;

/// <summary>
/// What the lanes of one call of <see cref="Blake3Kernel"/> work on: up to sixteen leaves, or as many parents. Each field is
/// an array over the lanes, so that a kernel loads it as a vector.
/// </summary>
struct Blake3Lanes
{
    /// <summary>As many lanes as the widest kernel has.</summary>
    public const int Capacity = 16;

    const int CacheLine = 64;

    /// <summary>Where each lane's bytes start in the input.</summary>
    public Words Offset;

    /// <summary>Where each lane's chaining value goes in the output, in bytes.</summary>
    public Words Target;

    /// <summary>The leaf's number within its chunk, low half; 0 of a parent.</summary>
    public Words CounterLow;

    /// <summary>The leaf's number within its chunk, high half.</summary>
    public Words CounterHigh;

    /// <summary>How many bytes each lane has, from 0 to 1024.</summary>
    public Words Length;

    /// <summary>The flags of each lane's last block beyond those of all.</summary>
    public Words EndFlags;

    /// <summary>How many lanes are in use.</summary>
    public int Count;

    bool _uniform;
    Room _room;

    /// <summary>One 32-bit number for each lane.</summary>
    [InlineArray(Capacity)]
    public struct Words
    {
        uint _first;
    }

    [InlineArray(Blake3Kernel.RoomLength + CacheLine)]
    struct Room
    {
        byte _first;
    }

    /// <summary>
    /// Where <see cref="Blake3Kernel"/> keeps what its registers do not hold, on a cache line's edge as long as the lanes lie on
    /// the stack: a vector that straddles two lines costs twice.
    /// </summary>
    [UnscopedRef]
    public ref byte AlignedRoom
    {
        get
        {
            ref var room = ref Unsafe.As<Room, byte>(ref _room);
            var past = (int)Unsafe.ByteOffset(ref Unsafe.NullRef<byte>(), ref room) & (CacheLine - 1);
            return ref Unsafe.Add(ref room, CacheLine - past);
        }
    }

    /// <summary>How many blocks the longest lane has.</summary>
    public int Blocks { get; private set; }

    /// <summary>Whether all lanes are equally long and made of whole blocks, so that none ends before another.</summary>
    public readonly bool IsUniform => _uniform;

    /// <summary>Takes one more lane.</summary>
    /// <param name="offset">Where its bytes start in the input.</param>
    /// <param name="length">How many bytes, from 0 to 1024. Its last block is padded with zeros in the input.</param>
    /// <param name="counter">The leaf's number, 0 of a parent.</param>
    /// <param name="endFlags">The flags of its last block beyond those of all.</param>
    /// <param name="target">Where its chaining value goes.</param>
    public void Add(int offset, int length, ulong counter, uint endFlags, int target)
    {
        var lane = Count++;
        Offset[lane] = (uint)offset;
        Target[lane] = (uint)target;
        CounterLow[lane] = (uint)counter;
        CounterHigh[lane] = (uint)(counter >> 32);
        Length[lane] = (uint)length;
        EndFlags[lane] = endFlags;
        var blocks = Math.Max(1, (length + Blake3Constants.BlockLength - 1) / Blake3Constants.BlockLength);
        _uniform = length % Blake3Constants.BlockLength == 0 && length > 0 && (lane == 0 || (_uniform && blocks == Blocks));
        Blocks = lane == 0 ? blocks : Math.Max(blocks, Blocks);
    }

    /// <summary>Fills the unused lanes up to <paramref name="count"/> with copies of the first, whose results coincide.</summary>
    public void Pad(int count)
    {
        for (var lane = Count; lane < count; lane++)
        {
            Offset[lane] = Offset[0];
            Target[lane] = Target[0];
            CounterLow[lane] = CounterLow[0];
            CounterHigh[lane] = CounterHigh[0];
            Length[lane] = Length[0];
            EndFlags[lane] = EndFlags[0];
        }
    }

    /// <summary>The length of a lane's input.</summary>
    public readonly int LengthOf(int lane) => (int)Length[lane];

    /// <summary>The flags of a lane's last block beyond those of all.</summary>
    public readonly uint EndFlagsOf(int lane) => EndFlags[lane];

    /// <summary>The leaf's number of a lane.</summary>
    public readonly ulong CounterOf(int lane) => CounterLow[lane] | ((ulong)CounterHigh[lane] << 32);

    /// <summary>Forgets all lanes.</summary>
    public void Clear() => Count = 0;
}
