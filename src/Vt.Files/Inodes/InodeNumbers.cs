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

    public static ulong Of(ulong parent, ReadOnlySpan<byte> name) => Math.Max(Smallest, Mix64.Hash(name, parent));

    public static ulong Of(Guid uuid)
    {
        Span<byte> bytes = stackalloc byte[16];
        uuid.TryWriteBytes(bytes, bigEndian: true, out _);
        return Math.Max(Smallest, Mix64.Hash(bytes, BinaryPrimitives.ReadUInt64LittleEndian(bytes)));
    }
}
