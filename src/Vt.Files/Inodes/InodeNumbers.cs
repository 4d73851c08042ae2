using System.Buffers.Binary;
using Vt.Blocks.Encoding;

namespace Vt.Files.Inodes;

/// <summary>
/// Inode numbers that stay the same from mount to mount: of an inode with a UUID from that, of any other from its path. 64 mixed
/// bits make a collision among a million files less likely than a disk that lies.
/// </summary>
static class InodeNumbers
{
    /// <summary>The root's.</summary>
    public const ulong Root = 1;

    // 0 hides a name from readdir, 1 is the root.
    const ulong Smallest = 2;

    // "vtinod", then version 8 in four bits and four zeros.
    static ReadOnlySpan<byte> Holder => [(byte)'v', (byte)'t', (byte)'i', (byte)'n', (byte)'o', (byte)'d', 0x80];

    public static ulong Of(ulong parent, ReadOnlySpan<byte> name) => Math.Max(Smallest, Mix64.Hash(name, parent));

    /// <summary>The number of an inode with a UUID: the one that the UUID holds, else one made of it.</summary>
    public static ulong Of(Guid uuid)
    {
        Span<byte> bytes = stackalloc byte[16];
        uuid.TryWriteBytes(bytes, bigEndian: true, out _);
        if (bytes.StartsWith(Holder))
            return Math.Max(Smallest, ((ulong)(bytes[7] & 3) << 62) | (BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]) & (ulong.MaxValue >> 2)));
        return Math.Max(Smallest, Mix64.Hash(bytes, BinaryPrimitives.ReadUInt64LittleEndian(bytes)));
    }

    /// <summary>The number of an inode with a UUID in one of many versions of a tree.</summary>
    /// <param name="uuid">The UUID.</param>
    /// <param name="salt">What the version is told by; 0 for none.</param>
    public static ulong Of(Guid uuid, ulong salt)
    {
        if (salt == 0)
            return Of(uuid);
        Span<byte> bytes = stackalloc byte[16];
        uuid.TryWriteBytes(bytes);
        return Of(salt, bytes);
    }

    /// <summary>
    /// What the kernel calls a file of a live tree: its number, unless that has eight zeros at its beginning, as nodes of trees for reading have, which
    /// may be shown beside it.
    /// </summary>
    public static ulong NodeOf(ulong number)
    {
        while (number >> 56 == 0 && number != Root)
            number = Mix64.Hash("node"u8, number);
        return number;
    }

    /// <summary>
    /// A UUID that holds a number (version 8 of RFC 9562): for an inode that has none and leaves the path that its number was made of.
    /// </summary>
    public static Guid Hold(ulong number)
    {
        Span<byte> bytes = stackalloc byte[16];
        Holder.CopyTo(bytes);
        bytes[7] = (byte)(number >> 62);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], (number & (ulong.MaxValue >> 2)) | (1ul << 63));
        return new Guid(bytes, bigEndian: true);
    }
}
