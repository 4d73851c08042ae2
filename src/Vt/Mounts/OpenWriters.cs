using System.Globalization;
using System.Text;
using Vt.Blocks.Encoding;
using Vt.Posix;

namespace Vt.Mounts;

/// <summary>
/// Finds who has files of a filesystem open for writing, or mapped so, by proc(5) as fuser(1) does: opening a file is no request to a FUSE server, so that the server
/// doesn't know. Sees those whom the caller may look into: as root everybody, whatever container they run in.
/// </summary>
static class OpenWriters
{
    // open(2): the lowest bits are 0 for reading alone.
    const uint AccessMask = 3;

    /// <summary>Each process but this one once, with one of its files.</summary>
    /// <param name="major">The filesystem's device.</param>
    /// <param name="minor">Likewise.</param>
    public static IReadOnlyList<(int Process, string Program, string File)> Find(uint major, uint minor)
    {
        var found = new List<(int Process, string Program, string File)>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var process) || process == Environment.ProcessId)
                continue;
            try
            {
                if ((FindOpen(folder, major, minor) ?? FindMapped(folder, major, minor)) is { } file)
                    found.Add((process, File.ReadAllText($"{folder}/comm").Trim(), file));
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                // It has ended, or is another's.
            }
        }

        return found;
    }

    static string? FindOpen(string folder, uint major, uint minor)
    {
        foreach (var descriptor in Directory.EnumerateFileSystemEntries($"{folder}/fd"))
        {
            if (IsForWriting($"{folder}/fdinfo/{Path.GetFileName(descriptor)}")
                && PosixFile.TryStatCached(descriptor, out var status) == Errno.OK && status.Device == DeviceNumber.Make(major, minor))
            {
                return new FileInfo(descriptor).LinkTarget ?? "a file";
            }
        }

        return null;
    }

    static bool IsForWriting(string information)
    {
        foreach (var line in File.ReadLines(information))
        {
            if (line.StartsWith("flags:", StringComparison.Ordinal))
                return (Convert.ToUInt32(line["flags:".Length..].Trim(), 8) & AccessMask) != 0;
        }

        return false;
    }

    // Such as "7f..-7f.. rw-s 00000000 00:2d 42   /mnt/file".
    static string? FindMapped(string folder, uint major, uint minor)
    {
        var device = string.Create(CultureInfo.InvariantCulture, $"{major:x2}:{minor:x2}");
        foreach (var line in File.ReadLines($"{folder}/maps", Encoding.Latin1))
        {
            var fields = line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length == 6 && fields[1] is [_, 'w', _, 's', ..] && fields[3] == device)
                return LosslessText.FromBytes(Encoding.Latin1.GetBytes(fields[5].Trim()));
        }

        return null;
    }
}
