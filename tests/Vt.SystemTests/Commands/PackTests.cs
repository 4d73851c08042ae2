using Vt.Tests.Support;

namespace Vt.SystemTests.Commands;

/// <summary>Volumes and trees as one file, that file as a store, and back into another store.</summary>
public sealed class PackTests : IDisposable
{
    readonly TempFolder _folder = new(inMemory: true);
    readonly VtCommand _vt;
    readonly VtCommand _other;

    public PackTests()
    {
        _vt = new VtCommand(_folder["home"]);
        _vt.Succeed("init");
        _other = new VtCommand(_folder["elsewhere"]);
        _other.Succeed("init");
        new TreeGenerator(14, 0.3).Make(_folder.Make("source"));
        _vt.Succeed("import", "-q", _folder["source"], _folder["a.vt"]);
    }

    string File1 => _folder["x.vtd"];

    string Spec => "file:" + File1;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_packed_tree_is_a_store_by_itself_for_every_command_that_reads()
    {
        _vt.Succeed("pack", "-q", File1, _folder["a.vt"]);
        Assert.StartsWith("trees/a.vt D{", _other.Succeed("dump", File1), StringComparison.Ordinal);
        Assert.Equal(_vt.Succeed("ls", "-lR", _folder["a.vt"]), _other.Succeed("-S", Spec, "ls", "-lR", "trees/a.vt"));
        _other.Succeed("-S", Spec, "fsck", "-q", "trees/a.vt");
        _other.Succeed("-S", File1, "export", "-q", "trees/a.vt", _folder["restored"]);
        Assert.Empty(TreeComparer.Compare(_folder["source"], _folder["restored"]));

        // In a chain it gives what the first has not got.
        _other.Succeed("-S", $"\"{_other.Store}\",{Spec}", "fsck", "-q", _vt.Succeed("dump", File1).Split(' ')[1].Trim());

        // What is written is refused, with the reason.
        var refused = _other.Run("-S", Spec, "import", _folder["source"], _folder["b.vt"]);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("can only be read", refused.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_volume_goes_with_its_history_and_comes_back_by_name()
    {
        MakeVolume();
        _vt.Succeed("pack", "-q", File1, "photos");
        var log = _vt.Succeed("log", "-V", "photos", "--oneline");
        Assert.Equal(log, _other.Succeed("-S", Spec, "log", "-V", "photos", "--oneline"));
        Assert.Contains("photos", _other.Succeed("-S", Spec, "volume", "list"), StringComparison.Ordinal);
        Assert.Equal("one\n", _other.Succeed("-S", Spec, "cat", "photos@HEAD^/file"));

        Assert.Contains("new   volumes/photos", _other.Succeed("unpack", "-q", File1), StringComparison.Ordinal);
        Assert.Equal(log, _other.Succeed("log", "-V", "photos", "--oneline"));
        Assert.Contains("same  volumes/photos", _other.Succeed("unpack", "-q", File1), StringComparison.Ordinal);
        _other.Succeed("datadir", "verify", "-q");
    }

    [Fact]
    public void A_branch_moves_ahead_and_never_away()
    {
        MakeVolume();
        _vt.Succeed("pack", "-q", File1, "photos");
        _other.Succeed("unpack", "-q", File1);
        Commit(_vt, "three");
        _vt.Succeed("pack", "-q", _folder["ahead.vtd"], "photos");
        Assert.Contains("moved volume/", _other.Succeed("unpack", "-q", _folder["ahead.vtd"]), StringComparison.Ordinal);

        // The older file has nothing that the branch has not got.
        var older = _other.Run("unpack", "-q", File1);
        Assert.Equal(3, older.ExitCode);
        Assert.Contains("is further here", older.Output, StringComparison.Ordinal);

        Commit(_other, "mine");
        Commit(_vt, "theirs");
        _vt.Succeed("pack", "-q", _folder["apart.vtd"], "photos");
        var apart = _other.Run("unpack", "-q", _folder["apart.vtd"]);
        Assert.Equal(3, apart.ExitCode);
        Assert.Contains("went another way here", apart.Output, StringComparison.Ordinal);
        Assert.Equal("mine\n", _other.Succeed("cat", "photos/file"));

        // A volume of somebody else's with the same name stays as it is.
        var third = new VtCommand(_folder["third"]);
        third.Succeed("init");
        third.Succeed("volume", "init", "photos");
        var taken = third.Run("unpack", "-q", File1);
        Assert.Equal(3, taken.ExitCode);
        Assert.Contains("kept  volumes/photos: there is another volume of that name", taken.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void It_goes_through_a_pipe_without_a_place_to_seek()
    {
        Shell.Succeed($"'{VtCommand.Executable}' -c /dev/null -S '{_vt.Store}' pack - '{_folder["a.vt"]}' | '{VtCommand.Executable}' -c /dev/null -S '{_other.Store}' unpack -q -");
        _other.Succeed("export", "-q", "trees/a.vt", _folder["restored"]);
        Assert.Empty(TreeComparer.Compare(_folder["source"], _folder["restored"]));
    }

    [Fact]
    public void Every_state_of_an_archive_can_go_along()
    {
        File.WriteAllText(_folder["source/more"], "more");
        _vt.Succeed("import", "-q", _folder["source"], _folder["a.vt"]);
        _vt.Succeed("pack", "-q", "--all", File1, _folder["a.vt"]);
        Assert.Equal(2, _other.Succeed("dump", File1).TrimEnd().Split('\n').Length);
    }

    [Fact]
    public void Of_a_file_that_is_cut_off_the_beginning_is_read_and_nothing_is_taken()
    {
        _vt.Succeed("pack", "-q", File1, _folder["a.vt"]);
        var bytes = File.ReadAllBytes(File1);
        File.WriteAllBytes(File1, bytes[..(bytes.Length * 2 / 3)]);
        var listed = _other.Run("-S", Spec, "ls", "-R", "trees/a.vt");
        Assert.Equal(_vt.Succeed("ls", "-R", _folder["a.vt"]), listed.Output);
        Assert.Contains("is not whole", Assert.Single(listed.Errors.TrimEnd().Split('\n')), StringComparison.Ordinal);
        Assert.Equal(1, _other.Run("-S", Spec, "fsck", "trees/a.vt").ExitCode);
        var partial = _other.Run("-S", Spec, "export", "trees/a.vt", _folder["partial"]);
        Assert.Equal(3, partial.ExitCode);
        Assert.NotEmpty(Directory.GetFileSystemEntries(_folder["partial"]));
        var refused = _other.Run("unpack", File1);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("is missing from store file", refused.Errors, StringComparison.Ordinal);
        Assert.Equal(1, _other.Run("ls", "trees/a.vt").ExitCode);

        // With the rest it goes on from there.
        File.WriteAllBytes(File1, bytes);
        _other.Succeed("unpack", "-q", File1);
        _other.Succeed("fsck", "-q", "trees/a.vt");
    }

    [RootFact]
    public void It_is_mounted_and_served_as_any_store()
    {
        _vt.Succeed("pack", "-q", File1, _folder["a.vt"]);
        if (MountAbility.WhyNot() is null)
        {
            _other.Succeed("-S", Spec, "mount", "-d", "-r", "trees/a.vt", _folder.Make("mnt"));
            try
            {
                Assert.Empty(TreeComparer.Compare(_folder["source"], _folder["mnt"]));
            }
            finally
            {
                Shell.Succeed($"umount '{_folder["mnt"]}'");
            }
        }

        using var server = _other.Start("-S", Spec, "serve", _folder["s.sock"]);
        try
        {
            Assert.NotNull(server.StandardError.ReadLine());
            Assert.Equal(_vt.Succeed("ls", "-lR", _folder["a.vt"]), _other.Succeed("-S", _folder["s.sock"], "ls", "-lR", "trees/a.vt"));
        }
        finally
        {
            server.Kill();
            server.WaitForExit();
        }
    }

    [Fact]
    public void What_is_no_store_file_is_refused_in_a_line()
    {
        File.WriteAllText(File1, "something else");
        foreach (var arguments in (string[][])[["unpack", File1], ["-S", Spec, "ls", "trees/a.vt"], ["unpack", _folder["nowhere.vtd"]], ["pack", _folder["y.vtd"], "nothing"]])
        {
            var refused = _other.Run(arguments);
            Assert.Equal(1, refused.ExitCode);
            Assert.Single(refused.Errors.TrimEnd().Split('\n'));
        }

        Assert.False(File.Exists(_folder["y.vtd"]));
    }

    void MakeVolume()
    {
        _vt.Succeed("volume", "init", "photos");
        Commit(_vt, "one");
        Commit(_vt, "two");
        _vt.Succeed("tag", "-V", "photos", "first", "HEAD^");
    }

    // As a mount would: a state of the branch's own archive, which a commit makes where it is not there.
    void Commit(VtCommand vt, string content)
    {
        vt.Environment["VT_AUTHOR"] = "Ann <ann@example.org>";
        var volumes = Path.Combine(Path.GetDirectoryName(vt.Store)!, ".local/share/vt/volumes");
        if (!Directory.Exists(volumes) || Directory.GetFiles(volumes, "main.vt", SearchOption.AllDirectories).Length == 0)
            vt.Run("commit", "-V", "photos", "-m", "nothing yet");
        var source = _folder.Make("work");
        File.WriteAllText(Path.Combine(source, "file"), content + "\n");
        vt.Succeed("import", "-q", "--reread", "--delete", source, Directory.GetFiles(volumes, "main.vt", SearchOption.AllDirectories).Single());
        vt.Succeed("commit", "-V", "photos", "-m", content);
    }
}
