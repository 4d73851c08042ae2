using System.Buffers.Binary;
using Vt.Posix;

namespace Vt.Stores.Platonic;

/// <summary>What tells whether a file is still the one that was read, as far as that can be told without reading it again.</summary>
/// <param name="Device">Its file system's device; 0 where that isn't known.</param>
/// <param name="Inode">Its inode.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="Modified">When its content changed, in nanoseconds since 1970.</param>
/// <param name="Changed">When its inode changed, in nanoseconds since 1970: no program can set this.</param>
readonly record struct FileFacts(ulong Device, ulong Inode, long Size, long Modified, long Changed)
{
    /// <summary>The binary form's length in bytes.</summary>
    public const int Length = 40;

    /// <summary>The facts that the kernel tells.</summary>
    public static FileFacts Of(in Statx status) => new(
        status.Device, status.Inode, status.Size, status.ModificationTime.TotalNanoseconds, status.ChangeTime.TotalNanoseconds);

    /// <summary>Reads the binary form.</summary>
    public static FileFacts Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt64LittleEndian(bytes),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]),
        BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]),
        BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]),
        BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]));

    /// <summary>Writes the binary form.</summary>
    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Device);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], Inode);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], Size);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[24..], Modified);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[32..], Changed);
    }

    /// <summary>Whether nothing about the file has changed.</summary>
    public bool IsUnchanged(in FileFacts now) => IsSameContent(now) && Changed == now.Changed;

    /// <summary>Whether it may be the same content under whatever name: a rename moves the change time and nothing else. Devices get other numbers at a start.</summary>
    public bool IsSameContent(in FileFacts now) => Inode == now.Inode && Size == now.Size && Modified == now.Modified;
}
