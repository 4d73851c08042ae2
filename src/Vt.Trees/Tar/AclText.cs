using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Vt.Trees.Tar;

/// <summary>
/// The text of an access control list as archives carry it, <c>user::rwx,user:1000:r--,…</c>: the short form of POSIX 1003.1e draft 17 with numbers for
/// names, which <c>tar --acls</c> and bsdtar read.
/// </summary>
static class AclText
{
    const uint Version = 2;
    const int HeaderSize = 4;
    const int EntrySize = 8;

    // What an extended attribute holds at most.
    const int MostEntries = 8191;

    /// <summary>The text of a list that an extended attribute holds; null where it is none.</summary>
    /// <param name="value">The attribute's value: a version and entries of tag, permissions and number (linux/posix_acl_xattr.h).</param>
    public static byte[]? Of(ReadOnlySpan<byte> value)
    {
        if (value.Length < HeaderSize || BinaryPrimitives.ReadUInt32LittleEndian(value) != Version)
            return null;
        var entries = value[HeaderSize..];
        if (entries.IsEmpty || entries.Length % EntrySize != 0 || entries.Length / EntrySize > MostEntries)
            return null;
        var text = new StringBuilder();
        for (; !entries.IsEmpty; entries = entries[EntrySize..])
        {
            var (tag, isNamed) = BinaryPrimitives.ReadUInt16LittleEndian(entries) switch
            {
                0x01 => ("user", false),
                0x02 => ("user", true),
                0x04 => ("group", false),
                0x08 => ("group", true),
                0x10 => ("mask", false),
                0x20 => ("other", false),
                _ => ("", false),
            };
            if (tag.Length == 0)
                return null;
            var permissions = BinaryPrimitives.ReadUInt16LittleEndian(entries[2..]);
            text.Append(text.Length > 0 ? "," : "").Append(tag).Append(':');
            if (isNamed)
                text.Append(CultureInfo.InvariantCulture, $"{BinaryPrimitives.ReadUInt32LittleEndian(entries[4..])}");
            text.Append(':').Append((permissions & 4) != 0 ? 'r' : '-').Append((permissions & 2) != 0 ? 'w' : '-').Append((permissions & 1) != 0 ? 'x' : '-');
        }

        return Encoding.ASCII.GetBytes(text.ToString());
    }
}
