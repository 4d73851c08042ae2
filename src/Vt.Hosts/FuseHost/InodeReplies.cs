using Vt.Files.Inodes;
using Vt.Fuse.Protocol;
using ModeBits = Vt.Posix.ModeBits;

namespace Vt.Hosts.FuseHost;

/// <summary>Tells the kernel of inodes.</summary>
static class InodeReplies
{
    /// <summary>
    /// How long the kernel may believe what it was told, in seconds: whatever changes comes through it or is told to it, so this only bounds
    /// how long a forgotten entry is believed.
    /// </summary>
    public const ulong KeepSeconds = 86400;

    const uint BasicMask = 0x7ff;
    const uint BirthMask = 0x800;

    public static void Fill(in FoundNode found, ref EntryOut entry)
    {
        entry.Node = new Fuse.Protocol.NodeId(found.Node.Value);
        entry.EntrySeconds = KeepSeconds;
        entry.AttributeSeconds = KeepSecondsOf(found.Attributes);
        Fill(found.Attributes, ref entry.Attributes);
    }

    public static AttrOut Attributes(in InodeAttributes attributes)
    {
        var reply = new AttrOut { AttributeSeconds = KeepSecondsOf(attributes) };
        Fill(attributes, ref reply.Attributes);
        return reply;
    }

    public static StatxOut Extended(in InodeAttributes from)
    {
        var reply = new StatxOut { AttributeSeconds = KeepSecondsOf(from) };
        ref var to = ref reply.Attributes;
        to.Mask = BasicMask | (from.Born is null ? 0 : BirthMask);
        to.BlockSize = 4096;
        to.Links = from.Links;
        to.Uid = from.Uid;
        to.Gid = from.Gid;
        to.Mode = (ushort)from.Mode;
        to.Inode = from.Number;
        to.Size = (ulong)from.Size;
        to.Blocks = (ulong)from.Blocks;
        to.DeviceMajor = from.DeviceMajor;
        to.DeviceMinor = from.DeviceMinor;
        to.AccessTime = Time(from.LastAccess);
        to.ModificationTime = Time(from.Modified);
        to.ChangeTime = Time(from.Changed);
        if (from.Born is { } born)
            to.BirthTime = Time(born);
        return reply;

        static StatxTime Time((long Seconds, uint Nanoseconds) time) => new() { Seconds = time.Seconds, Nanoseconds = time.Nanoseconds };
    }

    // The kernel leaves it to us to take these bits away when somebody writes, and doesn't ask afterwards whether we did.
    static ulong KeepSecondsOf(in InodeAttributes attributes) =>
        (attributes.Mode & (ModeBits.S_ISUID | ModeBits.S_ISGID)) != 0 && (attributes.Mode & ModeBits.S_IFMT) == ModeBits.S_IFREG ? 0 : KeepSeconds;

    static void Fill(in InodeAttributes from, ref FuseAttributes to)
    {
        var accessed = from.LastAccess;
        to.Inode = from.Number;
        to.Size = (ulong)from.Size;
        to.Blocks = (ulong)from.Blocks;
        to.AccessTime = (ulong)accessed.Seconds;
        to.AccessNanoseconds = accessed.Nanoseconds;
        to.ModificationTime = (ulong)from.Modified.Seconds;
        to.ModificationNanoseconds = from.Modified.Nanoseconds;
        to.ChangeTime = (ulong)from.Changed.Seconds;
        to.ChangeNanoseconds = from.Changed.Nanoseconds;
        to.Mode = from.Mode;
        to.Links = from.Links;
        to.Uid = from.Uid;
        to.Gid = from.Gid;
        to.Device = FuseAttributes.DeviceNumber(from.DeviceMajor, from.DeviceMinor);
        to.BlockSize = 4096;
    }
}
