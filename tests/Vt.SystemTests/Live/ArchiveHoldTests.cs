using Vt.SystemTests.Commands;
using Vt.Tests.Support;

namespace Vt.SystemTests.Live;

/// <summary>Who may write an archive while it is mounted for writing, or while changes of a killed mount wait.</summary>
public sealed class ArchiveHoldTests
{
    [MountFact]
    public void A_second_mount_is_refused_with_the_holders_number_even_with_another_state_folder()
    {
        using var mount = new LiveMount();
        var second = mount.Folder.Make("second");
        foreach (var options in (string[])["commit=5", $"state={mount.Folder["elsewhere"]}"])
        {
            var result = mount.Vt.Run("mount", "-d", "-o", options, mount.Archive, second);
            Assert.Equal(1, result.ExitCode);
            Assert.Contains($"is mounted for writing already, by process {mount.Server}", result.Errors, StringComparison.Ordinal);
        }
    }

    [MountFact]
    public void An_import_into_a_mounted_archive_is_refused_and_changes_nothing()
    {
        using var mount = new LiveMount();
        File.WriteAllText(mount["file"], "mounted");
        var source = mount.Folder.Make("source");
        File.WriteAllText(Path.Combine(source, "other"), "imported");
        var before = File.ReadAllBytes(mount.Archive);
        var refused = mount.Vt.Run("import", source, mount.Archive);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains($"is mounted for writing, by process {mount.Server}", refused.Errors, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(mount.Archive));

        mount.Unmount();
        mount.Vt.Succeed("import", source, mount.Archive);
        Assert.Contains("file", mount.Vt.Succeed("ls", mount.Archive), StringComparison.Ordinal);
    }

    [MountFact]
    public void An_import_is_refused_while_changes_of_a_killed_mount_wait()
    {
        using var mount = new LiveMount();
        Shell.Succeed($"echo waits > '{mount["file"]}'; sync '{mount["file"]}'");
        mount.Kill();
        var source = mount.Folder.Make("source");
        var refused = mount.Vt.Run("import", source, mount.Archive);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("a.vt.live: mount the archive once", refused.Errors, StringComparison.Ordinal);

        mount.Mount();
        Assert.Equal("waits\n", File.ReadAllText(mount["file"]));
        mount.Unmount();
        mount.Vt.Succeed("import", source, mount.Archive);
    }
}
