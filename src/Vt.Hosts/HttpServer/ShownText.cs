using System.Buffers;
using System.Globalization;
using System.Text;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Hosts.HttpServer;

/// <summary>Names, sizes and times as people read them on a page.</summary>
static class ShownText
{
    static readonly string[] _units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary>
    /// A name: UTF-8 as it is; control characters, those that turn the direction of writing, backslashes, and bytes that aren't UTF-8 as escapes. So no name
    /// looks like another, nor moves what stands beside it.
    /// </summary>
    public static string Name(ReadOnlySpan<byte> name)
    {
        var text = new StringBuilder(name.Length + 8);
        while (!name.IsEmpty)
        {
            var isRune = Rune.DecodeFromUtf8(name, out var rune, out var length) == OperationStatus.Done;
            if (!isRune || Rune.IsControl(rune) || rune.Value == '\\')
            {
                foreach (var b in name[..length])
                    text.Append(CultureInfo.InvariantCulture, $"\\x{b:x2}");
            }
            else if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
            {
                text.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:x}}}");
            }
            else
            {
                text.Append(rune.ToString());
            }

            name = name[length..];
        }

        return text.ToString();
    }

    /// <summary>A size with three figures.</summary>
    public static string Size(long bytes)
    {
        double size = bytes;
        var unit = 0;
        for (; size >= 999.5 && unit + 1 < _units.Length; unit++)
            size /= 1024;
        var digits = unit == 0 || size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
        return $"{size.ToString("F" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)} {_units[unit]}";
    }

    /// <summary>A number with commas between its thousands.</summary>
    public static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>How long ago something was.</summary>
    public static string Ago(DateTimeOffset when, DateTimeOffset now)
    {
        var age = now - when;
        return age.TotalSeconds switch
        {
            < -60 => when.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            < 60 => "just now",
            < 3600 => Some(age.TotalMinutes, "minute"),
            < 86400 => Some(age.TotalHours, "hour"),
            < 2 * 86400 => "yesterday",
            < 31 * 86400.0 => Some(age.TotalDays, "day"),
            < 365 * 86400.0 => Some(age.TotalDays / 30.44, "month"),
            _ => Some(age.TotalDays / 365.25, "year"),
        };
    }

    /// <summary>A moment exactly, in UTC.</summary>
    public static string Exact(DateTimeOffset when) => when.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>A moment as other programs read it, with all its digits.</summary>
    public static string Iso(Timestamp when)
    {
        var text = when.ToDateTimeOffset().UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture);
        return when.Nanoseconds == 0 ? text + "Z" : string.Create(CultureInfo.InvariantCulture, $"{text}.{when.Nanoseconds:000000000}").TrimEnd('0') + "Z";
    }

    /// <summary>The ten characters of a mode, as ls(1) shows them.</summary>
    public static string Mode(Dirent inode)
    {
        var mode = inode.Metadata.Mode;
        Span<char> text = stackalloc char[10];
        text[0] = inode.Kind switch
        {
            DirentKind.Directory => 'd',
            DirentKind.Symlink => 'l',
            DirentKind.Fifo => 'p',
            DirentKind.Socket => 's',
            DirentKind.CharacterDevice => 'c',
            DirentKind.BlockDevice => 'b',
            _ => '-',
        };
        for (var i = 0; i < 9; i++)
            text[i + 1] = (mode & (0x100 >> i)) != 0 ? "rwx"[i % 3] : '-';
        foreach (var (bit, at, letter) in (ReadOnlySpan<(uint, int, char)>)[(0x800, 3, 's'), (0x400, 6, 's'), (0x200, 9, 't')])
        {
            if ((mode & bit) != 0)
                text[at] = text[at] == 'x' ? letter : char.ToUpperInvariant(letter);
        }

        return text.ToString();
    }

    /// <summary>The word for a kind.</summary>
    public static string Kind(DirentKind kind) => kind switch
    {
        DirentKind.File => "file",
        DirentKind.Directory => "directory",
        DirentKind.Symlink => "symlink",
        DirentKind.Fifo => "fifo",
        DirentKind.Socket => "socket",
        DirentKind.CharacterDevice => "character device",
        DirentKind.BlockDevice => "block device",
        DirentKind.Indirect => "hard link",
        DirentKind.Whiteout => "whiteout",
        _ => "unknown",
    };

    static string Some(double number, string unit)
    {
        var whole = Math.Max(1, (int)number);
        return whole == 1 ? $"1 {unit} ago" : $"{whole} {unit}s ago";
    }
}
