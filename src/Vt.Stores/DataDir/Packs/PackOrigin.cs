using System.Buffers.Binary;
using Vt.Posix;
using Vt.Stores.DataDir.Disk;

namespace Vt.Stores.DataDir.Packs;

/// <summary>
/// Where a pack was begun. A file that is still the same one, on a machine that was not started anew since, has all that was written to it, synced or not; and so have all others that were written
/// before. Any other may have lost something: by a cut of power, or since it is a copy that was made while others were written.
/// </summary>
/// <param name="Boot">Which start of the machine it was, as <see cref="MachineStart"/> tells; 0 where that is not known.</param>
/// <param name="Inode">The file's inode number.</param>
readonly record struct PackOrigin(ulong Boot, ulong Inode)
{
    /// <summary>The binary form's length in bytes.</summary>
    public const int Length = 16;

    /// <summary>Whether it is known at all.</summary>
    public bool IsKnown => Boot != 0;

    /// <summary>What a file that is begun now gets.</summary>
    public static PackOrigin Of(FileDescriptor file) => new(MachineStart.Read(), PosixFile.Fstat(file).Inode);

    /// <summary>Reads the binary form.</summary>
    public static PackOrigin Read(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt64LittleEndian(bytes), BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]));

    /// <summary>Writes the binary form.</summary>
    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Boot);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], Inode);
    }
}
