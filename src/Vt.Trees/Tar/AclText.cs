using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Vt.Posix;

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

    /// <summary>The value of the extended attribute that a list's text stands for; names are those of this system.</summary>
    /// <returns>Null where the text is no list, or names somebody whom this system does not know and gives no number.</returns>
    public static byte[]? Parse(ReadOnlySpan<byte> text)
    {
        var entries = new List<(ushort Tag, ushort Permissions, uint Id)>();
        foreach (var line in Encoding.UTF8.GetString(text).Split([',', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var entry = line.Split('#')[0].Trim();
            if (entry.Length == 0)
                continue;
            if (entries.Count == MostEntries || ParseEntry(entry) is not { } parsed)
                return null;
            entries.Add(parsed);
        }

        if (entries.Count == 0)
            return null;

        // In the kernel's order, by which equal lists are equal bytes.
        var value = new byte[HeaderSize + (entries.Count * EntrySize)];
        BinaryPrimitives.WriteUInt32LittleEndian(value, Version);
        var at = HeaderSize;
        foreach (var (tag, permissions, id) in entries.OrderBy(static entry => entry.Tag).ThenBy(static entry => entry.Id))
        {
            BinaryPrimitives.WriteUInt16LittleEndian(value.AsSpan(at), tag);
            BinaryPrimitives.WriteUInt16LittleEndian(value.AsSpan(at + 2), permissions);
            BinaryPrimitives.WriteUInt32LittleEndian(value.AsSpan(at + 4), id);
            at += EntrySize;
        }

        return value;
    }

    /// <summary>Whether a list says no more than a file's mode, which is then all that there is of it: owner, group and others.</summary>
    public static bool IsMode(ReadOnlySpan<byte> value) => value.Length == HeaderSize + (3 * EntrySize);

    // tag:name:permissions, and in star's archives a number behind them.
    static (ushort Tag, ushort Permissions, uint Id)? ParseEntry(string entry)
    {
        var words = entry.Split(':');
        if (words is ["default" or "d", ..])
            words = words[1..];

        // mask and other may stand without the empty name.
        if (words is ["mask" or "m" or "other" or "o", var alone] && alone.Length > 0)
            words = [words[0], "", alone];
        if (words.Length is < 3 or > 4)
            return null;
        var isNamed = words[1].Length > 0;
        int tag = words[0] switch
        {
            "user" or "u" => isNamed ? 0x02 : 0x01,
            "group" or "g" => isNamed ? 0x08 : 0x04,
            "mask" or "m" when !isNamed => 0x10,
            "other" or "o" when !isNamed => 0x20,
            _ => 0,
        };
        if (tag == 0 || words[2].Length is 0 or > 3 || words[2].AsSpan().ContainsAnyExcept("rwx-"))
            return null;
        var id = isNamed ? FindId(tag == 0x02, words[1], words.Length == 4 ? words[3] : "") : uint.MaxValue;
        var permissions = (words[2].Contains('r') ? 4 : 0) | (words[2].Contains('w') ? 2 : 0) | (words[2].Contains('x') ? 1 : 0);
        return id is { } known ? ((ushort)tag, (ushort)permissions, known) : null;
    }

    static uint? FindId(bool isUser, string name, string number)
    {
        if (uint.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            return id;
        return (isUser ? Ownership.UserId(Encoding.UTF8.GetBytes(name)) : Ownership.GroupId(Encoding.UTF8.GetBytes(name)))
            ?? (uint.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out id) ? id : null);
    }
}
