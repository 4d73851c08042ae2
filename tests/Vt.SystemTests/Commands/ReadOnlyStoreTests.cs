using Vt.Tests.Support;

namespace Vt.SystemTests.Commands;

/// <summary>A store on a file system that is mounted read-only serves everything that only reads, and says why it takes nothing.</summary>
public sealed class ReadOnlyStoreTests : IDisposable
{
    readonly TempFolder _folder = new();
    readonly VtCommand _vt;

    public ReadOnlyStoreTests()
    {
        _vt = new VtCommand(_folder["home"]);
        _vt.Succeed("init");
    }

    public void Dispose() => _folder.Dispose();

    [BindMountFact]
    public void Everything_that_reads_works_on_a_read_only_mount()
    {
        var source = _folder.Make("source");
        new TreeGenerator(seed: 9).Make(source);
        _vt.Succeed("import", "-q", source, _folder["a.vt"]);

        // What a killed writer leaves can't be put right here, and is read as it is.
        var other = _folder.Make("other");
        new TreeGenerator(seed: 10).Make(other);
        _vt.Environment["VT_FAULT"] = "kill:30";
        Assert.NotEqual(0, _vt.Run("import", "-q", other, _folder["b.vt"]).ExitCode);
        _vt.Environment.Clear();

        Shell.Succeed($"mount --bind '{_vt.Store}' '{_vt.Store}' && mount -o remount,bind,ro '{_vt.Store}'");
        try
        {
            var before = Shell.Succeed($"cd '{_vt.Store}' && find . -type f -exec md5sum {{}} +");
            _vt.Succeed("ls", "-lR", _folder["a.vt"]);
            _vt.Succeed("stat", _folder["a.vt"]);
            _vt.Succeed("fsck", "-q", _folder["a.vt"]);
            _vt.Succeed("datadir", "verify", "-q");
            _vt.Succeed("datadir", "info");
            _vt.Succeed("export", "-q", _folder["a.vt"], _folder["out"]);
            Assert.Empty(TreeComparer.Compare(source, _folder["out"]));
            Through(_folder["a.vt"], source);
            var refused = _vt.Run("import", "-q", source, _folder["c.vt"]);
            Assert.True(refused.ExitCode == 1 && refused.Errors.Contains("Read-only file system", StringComparison.Ordinal), refused.Errors);
            Assert.Equal(1, _vt.Run("datadir", "reindex").ExitCode);
            Assert.Equal(before, Shell.Succeed($"cd '{_vt.Store}' && find . -type f -exec md5sum {{}} +"));
        }
        finally
        {
            Shell.Succeed($"umount '{_vt.Store}'");
        }

        _vt.Succeed("import", "-q", source, _folder["c.vt"]);
        _vt.Succeed("datadir", "verify", "-q");
    }

    void Through(string archive, string source)
    {
        var place = _folder.Make("mnt");
        using var mount = RealMount.Start("/usr/bin/env",
            [$"VT_CONFIG={_folder["home"]}/vtrc", $"VT_STORE={_vt.Store}", VtCommand.Executable, "-q", "mount", "-r", archive, place], place);
        Assert.Equal("", Shell.Succeed($"rsync -aHAXn --checksum --itemize-changes --delete '{source}/' '{mount.MountPoint}/'"));
    }
}
