using System.Text;
using Vt.Posix;
using Vt.Tests.Support;

namespace Vt.SystemTests.Commands;

/// <summary>Exports under the troubles that only a process of its own can have: kills, few descriptors, few rights, a full disk.</summary>
public sealed class ExportTests : IDisposable
{
    const uint Nobody = 65534;

    // In memory: every export syncs the file system.
    readonly TempFolder _folder = new(inMemory: true);
    readonly VtCommand _vt;

    public ExportTests()
    {
        _vt = new VtCommand(_folder["home"]);
        _vt.Succeed("init");
    }

    public void Dispose() => _folder.Dispose();

    string Line => $"env VT_CONFIG='{_folder["home"]}/vtrc' VT_STORE='{_vt.Store}' '{VtCommand.Executable}'";

    [Fact]
    public void A_killed_export_leaves_whole_files_only_and_is_mended_by_another()
    {
        var source = _folder.Make("source");
        var random = new Random(7);
        for (var i = 0; i < 300; i++)
        {
            var bytes = new byte[random.Next(i % 10 == 0 ? 3 << 20 : 20_000)];
            random.NextBytes(bytes);
            var folder = Directory.CreateDirectory(Path.Combine(source, $"d{i % 7}")).FullName;
            File.WriteAllBytes(Path.Combine(folder, $"file{i}"), bytes);
        }

        _vt.Succeed("import", "-q", source, _folder["a.vt"]);
        var destination = _folder["out"];
        for (var round = 0; round < 8; round++)
        {
            using (var process = _vt.Start("export", "-q", "--overwrite", _folder["a.vt"], destination))
            {
                process.WaitForExit(random.Next(100, 500));
                if (!process.HasExited)
                    process.Kill();
                process.WaitForExit();
            }

            if (!Directory.Exists(destination))
                continue;
            foreach (var path in Directory.EnumerateFiles(destination, "*", SearchOption.AllDirectories))
            {
                // Only while something is replaced there is a moment in which a whole file has another name.
                if (Path.GetFileName(path).StartsWith(".vt-export-", StringComparison.Ordinal))
                    continue;
                Assert.Equal(File.ReadAllBytes(Path.Combine(source, Path.GetRelativePath(destination, path))), File.ReadAllBytes(path));
            }
        }

        _vt.Succeed("export", "-q", "--overwrite", _folder["a.vt"], destination);
        Assert.Empty(TreeComparer.Compare(source, destination));
    }

    [Fact]
    public void Deep_and_wide_trees_come_back_with_few_descriptors()
    {
        const int Depth = 4200;
        var source = _folder.Make("source");
        for (var i = 0; i < 300; i++)
            Directory.CreateDirectory(Path.Combine(source, "wide", $"{i:000}", "inner"));
        var at = PosixFile.Open(source, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
        for (var i = 0; i < Depth; i++)
        {
            var inner = TreeGenerator.MakeFolder(at, Encoding.ASCII.GetBytes($"level-{i:0000}"));
            at.Dispose();
            at = inner;
        }

        using (at)
            new TreeGenerator(1).WriteFile(at, "bottom"u8, 1000);
        _vt.Succeed("import", "-q", source, _folder["a.vt"]);

        Shell.Succeed($"ulimit -n 256; {Line} export -q '{_folder["a.vt"]}' '{_folder["out"]}'");

        Assert.Equal(
            Shell.Succeed($"cd '{source}' && find . -printf '%d %f %y %m %T@ %s\\n' | LC_ALL=C sort | sha256sum"),
            Shell.Succeed($"cd '{_folder["out"]}' && find . -printf '%d %f %y %m %T@ %s\\n' | LC_ALL=C sort | sha256sum"));
    }

    [RootFact]
    public void A_full_disk_costs_what_does_not_fit_and_is_told_by_name()
    {
        var source = _folder.Make("source");
        var random = new Random(8);
        foreach (var (name, size) in new[] { ("a-small", 1000), ("large", 6 << 20), ("z-small", 2000) })
        {
            var bytes = new byte[size];
            random.NextBytes(bytes);
            File.WriteAllBytes(Path.Combine(source, name), bytes);
        }

        _vt.Succeed("import", "-q", source, _folder["a.vt"]);
        var small = _folder.Make("small");
        Shell.Succeed($"mount -t tmpfs -o size=2m none '{small}'");
        try
        {
            var run = _vt.Run("export", "-q", _folder["a.vt"], Path.Combine(small, "out"));
            Assert.Equal(3, run.ExitCode);
            Assert.Contains("large: not restored", run.Errors, StringComparison.Ordinal);
            Assert.Contains("No space left", run.Errors, StringComparison.Ordinal);
            Assert.Equal(["a-small", "z-small"], Directory.EnumerateFileSystemEntries(Path.Combine(small, "out")).Select(Path.GetFileName).Order());
            Assert.Equal(File.ReadAllBytes(Path.Combine(source, "z-small")), File.ReadAllBytes(Path.Combine(small, "out", "z-small")));
        }
        finally
        {
            Shell.Succeed($"umount '{small}'");
        }
    }

    [RootFact]
    public void A_user_without_rights_is_told_once_and_gets_no_setuid_files()
    {
        var source = _folder.Make("source");
        for (var i = 0; i < 20; i++)
        {
            var path = _folder.Write($"source/file{i:00}", "content");
            Assert.Equal(Errno.OK, Ownership.TryChownAt(FileDescriptor.CurrentDirectory, Encoding.UTF8.GetBytes(path), 1234, 1234));
            Assert.Equal(Errno.OK, Ownership.TryChmodAt(FileDescriptor.CurrentDirectory, Encoding.UTF8.GetBytes(path), 0xded));
        }

        Shell.Succeed($"mkdir '{source}/locked'; echo inner > '{source}/locked/inner'; chown -R {Nobody}:{Nobody} '{source}/locked'; chmod 555 '{source}/locked'");
        _vt.Succeed("import", "-q", source, _folder["a.vt"]);
        var place = _folder.Make("place");
        Shell.Succeed($"chmod 755 '{_folder.Path}'; chown -R {Nobody} '{_folder["home"]}' '{place}' '{_folder["a.vt"]}'");

        var export = $"cd '{place}'; setpriv --reuid {Nobody} --regid {Nobody} --clear-groups {Line} export -q '{_folder["a.vt"]}' out";
        var (code, output) = Shell.Run(export);

        Assert.True(code == 3, output);
        Assert.Single(output.Split('\n'), line => line.Contains("another owner", StringComparison.Ordinal));
        Assert.Contains("and 20 more", output, StringComparison.Ordinal);
        foreach (var path in Directory.EnumerateFiles(Path.Combine(place, "out")))
        {
            var status = PosixFile.Lstat(path);
            Assert.Equal((Nobody, Nobody, 0x1edu), (status.Uid, status.Gid, status.Permissions));
            Assert.Equal("content", File.ReadAllText(path));
        }

        // Folders that were read-only when they were complete don't stop it from being repeated.
        (code, output) = Shell.Run($"{export} --overwrite");
        Assert.True(code == 3 && !output.Contains("not restored", StringComparison.Ordinal), output);
        Assert.Equal(0x16du, PosixFile.Lstat(Path.Combine(place, "out", "locked")).Permissions);
    }
}
