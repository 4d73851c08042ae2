using System.Globalization;

namespace Vt.Mounts;

/// <summary>Finds the process that serves a FUSE mount, without touching the mount, which might wait for it for ever.</summary>
static class ServerProcess
{
    const string ConnectionField = "fuse_connection:";

    /// <summary>The process that holds a FUSE connection, as far as this user may see; kernels from 6.10 on tell.</summary>
    /// <param name="connection">The connection's number: the minor device number of the mount.</param>
    /// <returns>Its number; null where none is found.</returns>
    public static int? Find(uint connection)
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && Serves(folder, connection))
                return id;
        }

        return null;
    }

    static bool Serves(string folder, uint connection)
    {
        try
        {
            foreach (var file in Directory.EnumerateFileSystemEntries(folder + "/fd"))
            {
                if (File.ResolveLinkTarget(file, returnFinalTarget: false) is { FullName: "/dev/fuse" }
                    && ConnectionOf($"{folder}/fdinfo/{Path.GetFileName(file)}") == connection)
                    return true;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It ended while we looked, or is somebody else's.
        }

        return false;
    }

    static uint? ConnectionOf(string info)
    {
        foreach (var line in File.ReadLines(info))
        {
            if (line.StartsWith(ConnectionField, StringComparison.Ordinal)
                && uint.TryParse(line.AsSpan(ConnectionField.Length).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                return number;
        }

        return null;
    }
}
