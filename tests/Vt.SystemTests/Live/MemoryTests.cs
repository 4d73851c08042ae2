using System.Globalization;
using Vt.SystemTests.Commands;
using Vt.Tests.Support;

namespace Vt.SystemTests.Live;

/// <summary>What a live mount's server keeps in memory.</summary>
public sealed class MemoryTests
{
    const int Folders = 100;
    const int FilesOfFolder = 1000;
    const int MostTries = 20;
    const long Stated = (128L + 48) << 20;

    [RootFact]
    public void What_the_kernel_has_forgotten_leaves_memory()
    {
        using var mount = new LiveMount();
        var source = mount.Folder.Make("source");
        for (var folder = 0; folder < Folders; folder++)
        {
            var path = Directory.CreateDirectory(Path.Combine(source, folder.ToString(CultureInfo.InvariantCulture))).FullName;
            for (var file = 0; file < FilesOfFolder; file++)
                File.WriteAllBytes(Path.Combine(path, file.ToString(CultureInfo.InvariantCulture)), []);
        }

        mount.Unmount();
        mount.Vt.Succeed("import", "-q", source, mount.Archive);
        mount.Mount();
        mount.Run("find . -printf '%s' > ../found");
        var full = Resident(mount.Server);
        Assert.Equal(Folders * (FilesOfFolder + 1) + 1L, Inodes(mount));

        // The kernel drops its inodes within a few tries; then they leave here, and a second later their memory.
        for (var tries = 0; tries < MostTries && Inodes(mount) > 1000; tries++)
            Shell.Succeed("sync; echo 2 > /proc/sys/vm/drop_caches; sleep 1");
        Assert.InRange(Inodes(mount), 0, 1000);
        Shell.Succeed("sleep 3");
        Assert.InRange(Resident(mount.Server), 0, Math.Min(full, Stated));
    }

    static long Inodes(LiveMount mount)
    {
        var status = mount.Vt.Succeed("status", "--json", mount.Point);
        return System.Text.Json.JsonDocument.Parse(status).RootElement.GetProperty("inodes_in_memory").GetInt64();
    }

    static long Resident(int process)
    {
        var line = File.ReadLines($"/proc/{process}/status").First(static line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) << 10;
    }
}
