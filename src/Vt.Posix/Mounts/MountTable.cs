using System.Globalization;
using System.Text;

namespace Vt.Posix.Mounts;

/// <summary>What is mounted, as this process sees it.</summary>
public static class MountTable
{
    /// <summary>All mounts, those mounted later on the same place behind.</summary>
    public static IReadOnlyList<MountEntry> Read()
    {
        var entries = new List<MountEntry>();
        foreach (var line in File.ReadLines("/proc/self/mountinfo", Encoding.Latin1))
        {
            if (Parse(line) is { } entry)
                entries.Add(entry);
        }

        return entries;
    }

    /// <summary>The topmost mount of a place; null where nothing is mounted.</summary>
    /// <param name="mountPoint">An absolute path without symbolic links.</param>
    public static MountEntry? FindTop(string mountPoint) => Read().LastOrDefault(entry => entry.MountPoint == mountPoint);

    /// <summary>
    /// Reads a line of mountinfo, each of whose characters stands for one byte; null if it isn't one.
    /// </summary>
    internal static MountEntry? Parse(string line)
    {
        var fields = line.Split(' ');
        var separator = Array.IndexOf(fields, "-", Math.Min(6, fields.Length));
        if (separator < 0 || fields.Length < separator + 4)
            return null;
        var device = fields[2].Split(':');
        if (device.Length != 2
            || !int.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            || !uint.TryParse(device[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major)
            || !uint.TryParse(device[1], NumberStyles.None, CultureInfo.InvariantCulture, out var minor))
        {
            return null;
        }

        return new MountEntry
        {
            Id = id,
            Major = major,
            Minor = minor,
            MountPoint = Unescape(fields[4]),
            Options = fields[5],
            Type = Unescape(fields[separator + 1]),
            Source = Unescape(fields[separator + 2]),
            SuperOptions = Unescape(fields[separator + 3]),
        };
    }

    /// <summary>Resolves the kernel's escapes (backslash and three octal digits) and reads the bytes as UTF-8.</summary>
    static string Unescape(string field)
    {
        var bytes = new byte[field.Length];
        var count = 0;
        for (var i = 0; i < field.Length; i++)
        {
            if (field[i] == '\\' && i + 3 < field.Length && IsOctal(field[i + 1]) && IsOctal(field[i + 2]) && IsOctal(field[i + 3]))
            {
                bytes[count++] = (byte)(((field[i + 1] - '0') << 6) | ((field[i + 2] - '0') << 3) | (field[i + 3] - '0'));
                i += 3;
            }
            else
            {
                bytes[count++] = (byte)field[i];
            }
        }

        return Encoding.UTF8.GetString(bytes, 0, count);
    }

    static bool IsOctal(char c) => c is >= '0' and <= '7';
}
