using Vt.Stores.DataDir.Index;

namespace Vt.Stores.Platonic;

/// <summary>Where a block lies: a file of an index file, and a range in it. An entry of a run has room for it.</summary>
/// <param name="File">The file's row.</param>
/// <param name="Offset">Where the block starts, in bytes.</param>
/// <param name="Length">Its length in bytes.</param>
readonly record struct FilePlace(uint File, long Offset, int Length)
{
    /// <summary>Reads it from an entry's place.</summary>
    public static FilePlace Of(in BlockLocation place) => new(
        place.Pack, (long)(place.OffsetUnits | ((ulong)place.Ordinal << 32) | ((ulong)place.Flags << 48)), (int)place.Length);

    /// <summary>As an entry's place.</summary>
    public BlockLocation ToLocation() => new(
        File, (uint)Offset, (uint)Length, (ushort)((ulong)Offset >> 32), (ushort)((ulong)Offset >> 48));
}
