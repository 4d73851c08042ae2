using Vt.Tests.Support;

namespace Vt.SystemTests.Commands;

/// <summary>A real tree goes in by one command and comes out by another, whole.</summary>
public sealed class ImportAndMountTests : IDisposable
{
    readonly TempFolder _folder = new();
    readonly VtCommand _vt;

    public ImportAndMountTests()
    {
        _vt = new VtCommand(_folder["home"]);
        _vt.Succeed("init");
    }

    public void Dispose() => _folder.Dispose();

    [MountFact]
    public void An_awkward_tree_is_the_same_through_a_mount()
    {
        var source = _folder.Make("source");
        new TreeGenerator(seed: 1).Make(source);
        _vt.Succeed("import", "-q", source, _folder["a.vt"]);
        using var mount = Mount("-r", _folder["a.vt"]);
        Assert.Equal("", Shell.Succeed($"rsync -aHAXn --checksum --itemize-changes --delete '{source}/' '{mount.MountPoint}/'"));
        Assert.Equal("", Shell.Run($"diff -r --no-dereference '{source}' '{mount.MountPoint}' | grep -v 'is a .* while file'").Output);
        Assert.Equal(
            Shell.Succeed($"cd '{source}' && find . -type f -printf '%p %n\\n' | LC_ALL=C sort"),
            Shell.Succeed($"cd '{mount.MountPoint}' && find . -type f -printf '%p %n\\n' | LC_ALL=C sort"));
    }

    [Fact]
    public void An_awkward_tree_is_the_same_after_an_export()
    {
        var source = _folder.Make("source");
        new TreeGenerator(seed: 4).Make(source);
        _vt.Succeed("import", "-q", source, _folder["a.vt"]);
        _vt.Succeed("fsck", "-q", _folder["a.vt"]);
        _vt.Succeed("datadir", "verify", "-q");
        _vt.Succeed("export", "-q", _folder["a.vt"], _folder["out"]);
        Assert.Empty(TreeComparer.Compare(source, _folder["out"]));
        Assert.Equal("", Shell.Succeed($"rsync -aHAXn --checksum --itemize-changes --delete '{source}/' '{_folder["out"]}/'"));
        Assert.Equal(1, _vt.Run("export", "-q", _folder["a.vt"], _folder["out"]).ExitCode is 1 or 3 ? 1 : 0);
    }

    [Fact]
    public void A_second_import_of_an_unchanged_tree_changes_nothing()
    {
        var source = _folder.Make("source");
        new TreeGenerator(seed: 2).Make(source);
        _vt.Succeed("import", "-q", source, _folder["a.vt"]);
        Assert.Contains("\"changed\":false", _vt.Succeed("import", "-q", "--json", source, _folder["a.vt"]).Replace(" ", ""));
        _vt.Succeed("import", "-q", "--reread", source, _folder["a.vt"]);
        Assert.Single(_vt.Succeed("log", _folder["a.vt"]).Trim().Split('\n'));
    }

    [MountFact]
    public void Every_state_is_a_folder_and_a_folder_leads_to_its_earlier_version()
    {
        var source = _folder.Make("source");
        Directory.CreateDirectory(Path.Combine(source, "sub"));
        File.WriteAllText(Path.Combine(source, "sub", "file"), "first");
        _vt.Succeed("import", "-q", source, _folder["a.vt"]);
        File.WriteAllText(Path.Combine(source, "sub", "file"), "second, longer");
        _vt.Succeed("import", "-q", source, _folder["a.vt"]);
        using (var mount = Mount("-r", _folder["a.vt"]))
        {
            Assert.Equal("second, longer", Shell.Succeed($"cat '{mount.MountPoint}/sub/file'"));
            Assert.Equal("first", Shell.Succeed($"cat '{mount.MountPoint}/sub/.../file'"));
            Assert.StartsWith("L{", Shell.Succeed($"getfattr --only-values -n x-vt-block '{mount.MountPoint}/sub/file' 2>/dev/null"));
        }

        using var history = Mount("-r", "-a", _folder["a.vt"]);
        Assert.Equal("first\nsecond, longer", Shell.Succeed($"for state in '{history.MountPoint}'/*; do cat \"$state/sub/file\"; echo; done"));
    }

    [UserMountFact]
    public void An_ordinary_user_mounts_and_unmounts()
    {
        var source = _folder.Make("source");
        File.WriteAllText(Path.Combine(source, "file"), "hello");
        _vt.Succeed("import", "-q", source, _folder["a.vt"]);
        var mnt = _folder.Make("mnt");
        var vt = $"env VT_CONFIG='{_folder["home"]}/vtrc' VT_STORE='{_vt.Store}' '{VtCommand.Executable}' -q";
        var said = Shell.SucceedAsUser(_folder.Path, $"""
            {vt} mount -r -d a.vt '{mnt}'
            cat '{mnt}/file'
            {vt} umount '{mnt}'
            grep -c ' {mnt} ' /proc/self/mountinfo || true
            """);
        Assert.Equal("hello0", said);
    }

    [MountFact]
    public void Sizes_on_disk_and_link_counts_are_what_users_expect()
    {
        var source = _folder.Make("source");
        Directory.CreateDirectory(Path.Combine(source, "sub", "below"));
        Shell.Succeed($"cd '{source}' && truncate -s 64M sparse && head -c 1M /dev/urandom | dd of=sparse bs=1M seek=32 conv=notrunc status=none && echo x > one");
        _vt.Succeed("import", "-q", source, _folder["a.vt"]);
        using var mount = Mount("-r", _folder["a.vt"]);
        Assert.Equal("1024", Shell.Succeed($"du -k '{mount.MountPoint}/sparse' | cut -f1"));
        Assert.Equal("4", Shell.Succeed($"ls -sk '{mount.MountPoint}/one' | cut -d' ' -f1"));
        Assert.Equal("sub\nsub/below", Shell.Succeed($"find '{mount.MountPoint}' -mindepth 1 -type d \\( -links 3 -o -links 2 \\) -printf '%P\\n' | sort"));
    }

    [MountFact]
    public void A_damaged_block_is_an_error_for_its_bytes_and_for_nothing_else()
    {
        var source = _folder.Make("source");
        var bytes = new byte[3 << 20];
        new Random(5).NextBytes(bytes);
        File.WriteAllBytes(Path.Combine(source, "large"), bytes);
        File.WriteAllText(Path.Combine(source, "small"), new string('x', 100) + "good");
        _vt.Succeed("import", "-q", source, _folder["a.vt"]);
        var pack = Directory.GetFiles(Path.Combine(_vt.Store, "packs")).MaxBy(path => new FileInfo(path).Length)!;
        using (var file = File.OpenWrite(pack))
        {
            file.Position = file.Length / 2;
            file.Write(new byte[64]);
        }

        var verified = _vt.Run("datadir", "verify", "-q");
        Assert.True(verified.ExitCode == 1 && verified.Output.Contains(Path.GetFileName(pack), StringComparison.Ordinal), verified.Output + verified.Errors);
        var checkedTree = _vt.Run("fsck", "-q", _folder["a.vt"]);
        Assert.True(checkedTree.ExitCode == 1 && checkedTree.Output.Contains("large: bytes", StringComparison.Ordinal), checkedTree.Output + checkedTree.Errors);
        Assert.DoesNotContain("small", checkedTree.Output, StringComparison.Ordinal);
        using var mount = Mount("-r", _folder["a.vt"]);
        Assert.EndsWith("good", Shell.Succeed($"cat '{mount.MountPoint}/small'"));
        Assert.Contains("Input/output error", Shell.Run($"cat '{mount.MountPoint}/large' > /dev/null").Output);
        Assert.EndsWith("good", Shell.Succeed($"cat '{mount.MountPoint}/small'"));
        Shell.Succeed($"cmp -n 65536 '{mount.MountPoint}/large' '{source}/large'");
    }

    [Theory]
    [InlineData(0, 0.2, true)]
    [InlineData(0, 0.5, false)]
    [InlineData(0, 0.9, true)]
    [InlineData(1, 0.2, false)]
    [InlineData(1, 0.6, true)]
    public void What_verify_or_fsck_found_damaged_is_stored_again_by_the_next_import_though_nothing_changed(int which, double where, bool isVerified)
    {
        var source = _folder.Make("source");
        new TreeGenerator(seed: 6).Make(source);
        _vt.Succeed("import", "-q", source, _folder["a.vt"]);
        var pack = Directory.GetFiles(Path.Combine(_vt.Store, "packs")).OrderByDescending(file => new FileInfo(file).Length).ElementAt(which);
        using (var file = File.OpenHandle(pack, FileMode.Open, FileAccess.ReadWrite))
        {
            var at = (long)(RandomAccess.GetLength(file) * where);
            RandomAccess.Write(file, new byte[64], at);
        }

        if (isVerified)
            Assert.Equal(1, _vt.Run("datadir", "verify", "-q").ExitCode);
        else
            Assert.Matches("damaged blocks? (is|are) noted", _vt.Run("fsck", _folder["a.vt"]).Errors);
        Assert.Equal(1, _vt.Run("fsck", "-q", _folder["a.vt"]).ExitCode);
        _vt.Succeed("import", "-q", source, _folder["a.vt"]);
        _vt.Succeed("fsck", "-q", _folder["a.vt"]);
        _vt.Succeed("export", "-q", _folder["a.vt"], _folder["out"]);
        Assert.Empty(TreeComparer.Compare(source, _folder["out"]));
        Assert.Single(_vt.Succeed("log", _folder["a.vt"]).Trim().Split('\n'));
    }

    [MountFact]
    public void A_process_that_dies_since_somebody_cut_its_index_short_leaves_a_store_that_the_next_one_uses()
    {
        var source = _folder.Make("source");
        new TreeGenerator(seed: 8).Make(source);
        _vt.Succeed("import", "-q", source, _folder["a.vt"]);
        _vt.Succeed("datadir", "reindex");
        var runs = Directory.GetFiles(Path.Combine(_vt.Store, "index"), "*.run");
        Assert.NotEmpty(runs);
        using (var mount = Mount("-r", _folder["a.vt"]))
        {
            foreach (var run in runs)
            {
                using var file = new FileStream(run, FileMode.Open);
                file.SetLength(0);
            }

            Assert.NotEqual(0, Shell.Run($"cp -a '{mount.MountPoint}' '{_folder["cut"]}'").ExitCode);
            Assert.NotEqual(0, mount.AwaitExit());
        }

        _vt.Succeed("fsck", "-q", _folder["a.vt"]);
        File.WriteAllText(Path.Combine(source, "added"), new string('y', 1000));
        _vt.Succeed("import", "-q", source, _folder["a.vt"]);
        _vt.Succeed("datadir", "verify", "-q");
        _vt.Succeed("export", "-q", _folder["a.vt"], _folder["out"]);
        Assert.Empty(TreeComparer.Compare(source, _folder["out"]));
    }

    [Fact]
    public void An_import_that_is_killed_leaves_a_store_that_the_next_one_uses()
    {
        var source = _folder.Make("source");
        var random = new Random(7);
        for (var i = 0; i < 40; i++)
        {
            var bytes = new byte[random.Next(1 << 20)];
            random.NextBytes(bytes);
            File.WriteAllBytes(Path.Combine(source, $"file{i}"), bytes);
        }

        for (var round = 0; round < 12; round++)
        {
            using var process = _vt.Start("import", "-q", source, _folder["a.vt"]);
            process.WaitForExit(random.Next(50, 400));
            if (!process.HasExited)
                process.Kill();
            process.WaitForExit();
        }

        _vt.Succeed("import", "-q", source, _folder["a.vt"]);
        foreach (var file in Directory.GetFiles(source))
            Assert.Equal("", Shell.Run($"VT_CONFIG='{_folder["home"]}/vtrc' VT_STORE='{_vt.Store}' '{VtCommand.Executable}' cat '{_folder["a.vt"]}/{Path.GetFileName(file)}' | cmp - '{file}'").Output);
    }

    [Fact]
    public async Task Processes_that_import_at_once_store_each_block_once()
    {
        var source = _folder.Make("source");
        new TreeGenerator(seed: 3).Make(source);
        var all = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(() => _vt.Run("import", "-q", source, _folder[$"a{i}.vt"]))));
        Assert.All(all, run => Assert.True(run.ExitCode == 0, run.Errors));
        var roots = Enumerable.Range(0, 4).Select(i => _vt.Succeed("log", _folder[$"a{i}.vt"]).Trim().Split("  ")[^1]).Distinct();
        Assert.Single(roots);
    }

    RealMount Mount(params string[] arguments)
    {
        var place = _folder.Make("mnt");
        return RealMount.Start("/usr/bin/env",
            [$"VT_CONFIG={_folder["home"]}/vtrc", $"VT_STORE={_vt.Store}", VtCommand.Executable, "-q", "mount", .. arguments, place], place);
    }
}
