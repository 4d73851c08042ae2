using Vt.SystemTests.Commands;
using Vt.SystemTests.Serving;
using Vt.Tests.Support;

namespace Vt.SystemTests.Platonic;

/// <summary>A folder of ordinary files that is indexed in place, as users have it.</summary>
public sealed class PlatonicTests : PlatonicBed
{
    public PlatonicTests() => new TreeGenerator(5, 0.1).Make(Files);

    [Fact]
    public void A_scanned_folder_is_anArchive_that_every_command_reads()
    {
        Command.Succeed("platonic", "scan");
        Assert.Contains("many", Command.Succeed("ls", Archive), StringComparison.Ordinal);
        Assert.Contains("0 faults", Command.Run("fsck", Archive).Errors, StringComparison.Ordinal);
        Command.Succeed("export", "-q", Archive, Folder["out"]);
        Assert.Empty(TreeComparer.Compare(Files, Folder["out"]));
        Assert.Contains("nothing has changed", Command.Run("platonic", "scan").Errors, StringComparison.Ordinal);
        Assert.Contains("watched    by nobody", Command.Succeed("platonic", "status"), StringComparison.Ordinal);
        Assert.Contains("\"whole\":true", Command.Succeed("platonic", "status", "--json"), StringComparison.Ordinal);

        // The same tree as that of an import into another store.
        Command.Succeed("-S", "[plain]", "init");
        Command.Succeed("-S", "[plain]", "import", "-q", Files, Folder["plain.vt"]);
        Assert.Equal(RootOf(Folder["plain.vt"]), RootOf(Archive));
    }

    [Fact]
    public void A_spec_without_a_clause_names_the_same_place_each_time()
    {
        var spec = $"platonic(path={Files},archive={Folder["x"]})";
        Command.Succeed("-S", spec, "platonic", "scan");
        Assert.Contains("nothing has changed", Command.Run("-S", spec, "platonic", "scan").Errors, StringComparison.Ordinal);
        Assert.Contains("0 faults", Command.Run("-S", spec, "fsck", Folder["x.vt"]).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Wrong_settings_are_told_in_one_line()
    {
        Assert.Equal((1, true), Command.Refused("-S", "platonic(path=/nonexistent/x)", "platonic", "scan"));
        Assert.Equal((1, true), Command.Refused("-S", "[plain]", "platonic", "scan"));
        Assert.Equal((1, true), Command.Refused("-S", $"platonic(path={Files},archive={Files}/a.vt)", "platonic", "scan"));
        Assert.Equal((1, true), Command.Refused("-S", $"platonic(path={Files},state={Files})", "platonic", "scan"));
        Assert.Equal((1, true), Command.Refused("-S", "platonic(archive=x)", "ls", Archive));
    }

    [MountFact]
    public void A_scanned_folder_is_mounted_from_its_ownFiles()
    {
        Command.Succeed("platonic", "scan");
        var mounted = Folder.Make("mounted");
        Command.Succeed("mount", "-r", "-d", Archive, mounted);
        try
        {
            Shell.Succeed($"diff -r --no-dereference '{Files}/many' '{mounted}/many'");
        }
        finally
        {
            Command.Succeed("umount", mounted);
        }
    }

    [Fact]
    public void A_served_store_gives_clients_what_is_in_theFiles()
    {
        Command.Succeed("platonic", "scan");
        using var server = new ServerProcess(Command, 1, "--read-only", Folder["vt.sock"]);
        var client = new VtCommand(Folder["client"]);
        client.Environment["VT_STORE"] = Folder["vt.sock"];
        client.Succeed("export", "-q", Archive, Folder["out"]);
        Assert.Empty(TreeComparer.Compare(Files, Folder["out"]));
        Assert.Contains("0 faults", client.Run("fsck", Archive).Errors, StringComparison.Ordinal);

        // What changes after the scan is never served for what it was; what another process scans is served at once.
        var content = string.Concat(Enumerable.Range(0, 20_000));
        File.WriteAllText(Path.Combine(Files, "many/entry-000001"), content);
        Command.Succeed("platonic", "scan");
        Assert.Equal(content, client.Succeed("cat", $"{Archive}/many/entry-000001"));
        Shell.Succeed($"printf y | dd of='{Files}/many/entry-000001' bs=1 seek={content.Length - 1} conv=notrunc status=none");
        Assert.NotEqual(0, client.Run("cat", $"{Archive}/many/entry-000001").ExitCode);
        Assert.Contains("suspect    1", Command.Succeed("platonic", "status"), StringComparison.Ordinal);
        Command.Succeed("platonic", "scan");
        Assert.EndsWith("1999y", client.Succeed("cat", $"{Archive}/many/entry-000001"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_scan_that_is_killed_anywhere_costs_nothing_but_itself()
    {
        Command.Succeed("platonic", "scan");
        string[] names = ["many", "moved"];
        foreach (var boundary in (int[])[1, 2, 4, 6, 9, 13, 18, 25, 34, 45])
        {
            var confirmed = File.ReadAllText(Archive);
            File.WriteAllBytes(Path.Combine(Files, $"new {boundary}"), Enumerable.Range(boundary, 40_000).Select(i => (byte)(i * i)).ToArray());
            Directory.Move(Path.Combine(Files, names[0]), Path.Combine(Files, names[1]));
            Array.Reverse(names);
            Command.Environment["VT_FAULT"] = $"kill:{boundary}";
            Command.Run("platonic", "scan");
            Command.Environment.Remove("VT_FAULT");
            Assert.StartsWith(confirmed, File.ReadAllText(Archive), StringComparison.Ordinal);
            Command.Succeed("platonic", "scan");
            Assert.Contains("0 faults", Command.Run("fsck", Archive).Errors, StringComparison.Ordinal);
        }

        Command.Succeed("export", "-q", Archive, Folder["out"]);
        Assert.Empty(TreeComparer.Compare(Files, Folder["out"]));
    }

    [Fact]
    public async Task A_first_scan_that_is_killed_at_random_moments_ends_in_a_sound_store()
    {
        Shell.Succeed($"for i in $(seq 60); do head -c 1000000 /dev/urandom > '{Files}/large '$i; done");
        for (var i = 1; i <= 4; i++)
        {
            using var scan = Command.Start("platonic", "scan");
            if (!scan.WaitForExit(60 * i))
                scan.Kill();
            await scan.WaitForExitAsync();
        }

        Command.Succeed("platonic", "scan");
        Assert.Contains("0 faults", Command.Run("fsck", Archive).Errors, StringComparison.Ordinal);
        Command.Succeed("export", "-q", Archive, Folder["out"]);
        Assert.Empty(TreeComparer.Compare(Files, Folder["out"]));
    }

    [Fact]
    public async Task A_watched_folder_gets_a_state_for_what_changes_and_the_watcher_ends_when_it_is_asked_to()
    {
        using var watcher = Command.Start("platonic", "watch", "--settle", "1s");
        await watcher.SayAsync("is indexed, and watched");
        Assert.Contains($"by process {watcher.Id}", Command.Succeed("platonic", "status"), StringComparison.Ordinal);
        var second = Command.Run("platonic", "watch");
        Assert.Equal(1, second.ExitCode);
        Assert.Contains("is being watched by process", second.Errors, StringComparison.Ordinal);
        Directory.CreateDirectory(Path.Combine(Files, "made/and/filled"));
        File.WriteAllText(Path.Combine(Files, "made/and/filled/file"), "while it is watched");
        await watcher.SayAsync("a new state");
        Assert.Equal("while it is watched", Command.Succeed("cat", $"{Archive}/made/and/filled/file"));
        await watcher.StopAsync();
    }

    static string RootOf(string archive) => File.ReadLines(archive).Last().Split(' ', 3)[2].Split("}} ")[0];
}
