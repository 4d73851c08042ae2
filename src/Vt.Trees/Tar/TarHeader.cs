using Vt.Blocks.Encoding;
using Vt.Trees.Meta;

namespace Vt.Trees.Tar;

/// <summary>
/// What stands before a member's content: a ustar header block, and before it a pax extended header where that can't hold everything
/// (pax(1), POSIX.1-2017, "ustar Interchange Format" and "pax Interchange Format").
/// </summary>
static class TarHeader
{
    /// <summary>Everything in an archive is padded to blocks of this many bytes.</summary>
    public const int BlockSize = 512;

    const int NameLength = 100;
    const long LargestSize = 0x1_ffff_ffff; // 11 octal digits
    const uint LargestNumber = 0x1f_ffff; // 7 of them
    const uint PaxMode = 0x1a4;

    /// <summary>A length with its padding.</summary>
    public static long Pad(long length) => (length + BlockSize - 1) & -BlockSize;

    /// <summary>Writes the headers of a member.</summary>
    /// <param name="member">What it is.</param>
    public static byte[] Write(in TarFacts member)
    {
        using var extended = new ByteWriter();
        WriteRecords(new PaxRecords(extended), member);
        using var all = new ByteWriter();
        if (extended.Length > 0)
        {
            WriteBlock(all, (byte)'x', "PaxHeaders"u8, default, extended.Length, PaxMode, 0, 0, 0, null);
            all.WriteBytes(extended.Written);
            all.Reserve((int)(Pad(extended.Length) - extended.Length)).Clear();
        }

        var name = member.Sparse is null ? member.Path : [.. "GNUSparseFile.0/"u8, .. System.Text.Encoding.ASCII.GetBytes($"{member.Ordinal}")];
        var meta = member.Metadata;
        var seconds = meta.ModificationTime?.Seconds ?? 0;
        WriteBlock(
            all,
            member.Type,
            Shortened(name),
            Shortened(member.Target),
            member.BodyLength <= LargestSize ? member.BodyLength : 0,
            meta.Mode,
            meta.Uid <= LargestNumber ? meta.Uid : 0,
            meta.Gid <= LargestNumber ? meta.Gid : 0,
            seconds is >= 0 and <= LargestSize ? seconds : 0,
            member.IsDevice ? meta.Device ?? default(DeviceId) : null);
        return all.Written.ToArray();
    }

    static void WriteRecords(PaxRecords records, in TarFacts member)
    {
        var meta = member.Metadata;
        if (IsBinaryRecord(member.Path, member.Sparse is not null) || IsBinaryRecord(member.Target))
            records.Add("hdrcharset"u8, "BINARY"u8);
        if (member.Sparse is not null)
        {
            records.Add("GNU.sparse.major"u8, 1);
            records.Add("GNU.sparse.minor"u8, 0);
            records.Add("GNU.sparse.name"u8, member.Path);
            records.Add("GNU.sparse.realsize"u8, member.Size);
        }
        else if (!IsPlain(member.Path))
        {
            records.Add("path"u8, member.Path);
        }

        if (!IsPlain(member.Target))
            records.Add("linkpath"u8, member.Target);
        if (member.BodyLength > LargestSize)
            records.Add("size"u8, member.BodyLength);
        if (meta.Uid > LargestNumber)
            records.Add("uid"u8, meta.Uid);
        if (meta.Gid > LargestNumber)
            records.Add("gid"u8, meta.Gid);
        if (meta.ModificationTime is { } time && (time.Nanoseconds > 0 || time.Seconds is < 0 or > LargestSize))
            records.Add("mtime"u8, time);
        if (member.IsDevice && meta.Device is { } device && (device.Major > LargestNumber || device.Minor > LargestNumber))
        {
            records.Add("SCHILY.devmajor"u8, device.Major);
            records.Add("SCHILY.devminor"u8, device.Minor);
        }

        WriteXattrs(records, member.Xattrs);
    }

    static void WriteXattrs(PaxRecords records, XattrSet xattrs)
    {
        if (xattrs.TryGet("system.posix_acl_access"u8, out var access) && AclText.Of(access.Span) is { } accessText)
            records.Add("SCHILY.acl.access"u8, accessText);
        if (xattrs.TryGet("system.posix_acl_default"u8, out var inherited) && AclText.Of(inherited.Span) is { } inheritedText)
            records.Add("SCHILY.acl.default"u8, inheritedText);
        foreach (var xattr in xattrs.Items)
            records.AddXattr(xattr.Name.Span, xattr.Value.Span);
    }

    // What the header block can hold. Readers take ASCII as it is, and they take the bytes of what is not UTF-8, with no word about it, which GNU tar has for
    // records of that kind.
    static bool IsPlain(ReadOnlySpan<byte> name) => name.Length <= NameLength && (System.Text.Ascii.IsValid(name) || !System.Text.Unicode.Utf8.IsValid(name));

    static bool IsBinaryRecord(ReadOnlySpan<byte> name, bool isAlways = false) => (isAlways || !IsPlain(name)) && !System.Text.Unicode.Utf8.IsValid(name);

    // For readers that know nothing of extended headers: the end of a path, which says at least what it is.
    static byte[] Shortened(byte[] name)
    {
        if (IsPlain(name))
            return name;
        var end = name[^Math.Min(name.Length, NameLength)..];
        foreach (ref var letter in end.AsSpan())
        {
            if (letter >= 0x80)
                letter = (byte)'_';
        }

        return end.AsSpan().TrimStart((byte)'/').ToArray();
    }

    static void WriteBlock(
        ByteWriter to, byte type, ReadOnlySpan<byte> name, ReadOnlySpan<byte> target, long size, uint mode, uint uid, uint gid, long seconds, DeviceId? device)
    {
        var block = to.Reserve(BlockSize);
        block.Clear();
        name.CopyTo(block);
        WriteOctal(block.Slice(100, 8), mode);
        WriteOctal(block.Slice(108, 8), uid);
        WriteOctal(block.Slice(116, 8), gid);
        WriteOctal(block.Slice(124, 12), size);
        WriteOctal(block.Slice(136, 12), seconds);
        block[156] = type;
        target.CopyTo(block[157..]);
        "ustar\0"u8.CopyTo(block[257..]);
        "00"u8.CopyTo(block[263..]);
        WriteOctal(block.Slice(329, 8), device is { } known && known.Major <= LargestNumber ? known.Major : 0);
        WriteOctal(block.Slice(337, 8), device is { } again && again.Minor <= LargestNumber ? again.Minor : 0);
        var sum = 8 * (int)' ';
        foreach (var part in block)
            sum += part;
        WriteOctal(block.Slice(148, 7), sum);
        block[155] = (byte)' ';
    }

    // Digits up to the last byte, which stays NUL.
    static void WriteOctal(Span<byte> field, long number)
    {
        for (var i = field.Length - 2; i >= 0; i--, number >>= 3)
            field[i] = (byte)('0' + (number & 7));
    }
}
