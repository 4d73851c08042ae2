using System.Diagnostics;
using Vt.SystemTests.Commands;
using Vt.SystemTests.Serving;
using Vt.Tests.Support;

namespace Vt.SystemTests.Platonic;

/// <summary>A folder of ordinary files that is indexed in place, as users have it.</summary>
public sealed class PlatonicTests : IDisposable
{
    static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    readonly TempFolder _folder = new();
    readonly VtCommand _vt;
    readonly string _files;
    readonly string _archive;

    public PlatonicTests()
    {
        _vt = new VtCommand(_folder["home"]);
        _files = _folder.Make("files");
        _archive = _folder["home/photos.vt"];
        File.WriteAllText(
            _folder["home/vtrc"],
            $"""
            [GLOBAL]
            basedir = {_folder["home"]}
            [photos]
            type = platonic
            path = {_files}
            [plain]
            type = datadir

            """);
        _vt.Environment["VT_STORE"] = "[photos]";
        new TreeGenerator(5, 0.1).Make(_files);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_scanned_folder_is_an_archive_that_every_command_reads()
    {
        _vt.Succeed("platonic", "scan");
        Assert.Contains("many", _vt.Succeed("ls", _archive), StringComparison.Ordinal);
        Assert.Contains("0 faults", _vt.Run("fsck", _archive).Errors, StringComparison.Ordinal);
        _vt.Succeed("export", "-q", _archive, _folder["out"]);
        Assert.Empty(TreeComparer.Compare(_files, _folder["out"]));
        Assert.Contains("nothing has changed", _vt.Run("platonic", "scan").Errors, StringComparison.Ordinal);
        Assert.Contains("watched    by nobody", _vt.Succeed("platonic", "status"), StringComparison.Ordinal);
        Assert.Contains("\"whole\":true", _vt.Succeed("platonic", "status", "--json"), StringComparison.Ordinal);

        // The same tree as that of an import into another store.
        _vt.Succeed("-S", "[plain]", "init");
        _vt.Succeed("-S", "[plain]", "import", "-q", _files, _folder["plain.vt"]);
        Assert.Equal(RootOf(_folder["plain.vt"]), RootOf(_archive));
    }

    [Fact]
    public void A_spec_without_a_clause_names_the_same_place_each_time()
    {
        var spec = $"platonic(path={_files},archive={_folder["x"]})";
        _vt.Succeed("-S", spec, "platonic", "scan");
        Assert.Contains("nothing has changed", _vt.Run("-S", spec, "platonic", "scan").Errors, StringComparison.Ordinal);
        Assert.Contains("0 faults", _vt.Run("-S", spec, "fsck", _folder["x.vt"]).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Wrong_settings_are_told_in_one_line()
    {
        Assert.Equal((1, true), Refused("-S", "platonic(path=/nonexistent/x)", "platonic", "scan"));
        Assert.Equal((1, true), Refused("-S", "[plain]", "platonic", "scan"));
        Assert.Equal((1, true), Refused("-S", $"platonic(path={_files},archive={_files}/a.vt)", "platonic", "scan"));
        Assert.Equal((1, true), Refused("-S", $"platonic(path={_files},state={_files})", "platonic", "scan"));
        Assert.Equal((1, true), Refused("-S", "platonic(archive=x)", "ls", _archive));
    }

    [MountFact]
    public void A_scanned_folder_is_mounted_from_its_own_files()
    {
        _vt.Succeed("platonic", "scan");
        var mounted = _folder.Make("mounted");
        _vt.Succeed("mount", "-r", "-d", _archive, mounted);
        try
        {
            Shell.Succeed($"diff -r --no-dereference '{_files}/many' '{mounted}/many'");
        }
        finally
        {
            _vt.Succeed("umount", mounted);
        }
    }

    [Fact]
    public void A_served_store_gives_clients_what_is_in_the_files()
    {
        _vt.Succeed("platonic", "scan");
        using var server = new ServerProcess(_vt, 1, "--read-only", _folder["vt.sock"]);
        var client = new VtCommand(_folder["client"]);
        client.Environment["VT_STORE"] = _folder["vt.sock"];
        client.Succeed("export", "-q", _archive, _folder["out"]);
        Assert.Empty(TreeComparer.Compare(_files, _folder["out"]));
        Assert.Contains("0 faults", client.Run("fsck", _archive).Errors, StringComparison.Ordinal);

        // What changes after the scan is never served for what it was; what another process scans is served at once.
        var content = string.Concat(Enumerable.Range(0, 20_000));
        File.WriteAllText(Path.Combine(_files, "many/entry-000001"), content);
        _vt.Succeed("platonic", "scan");
        Assert.Equal(content, client.Succeed("cat", $"{_archive}/many/entry-000001"));
        Shell.Succeed($"printf y | dd of='{_files}/many/entry-000001' bs=1 seek={content.Length - 1} conv=notrunc status=none");
        Assert.NotEqual(0, client.Run("cat", $"{_archive}/many/entry-000001").ExitCode);
        Assert.Contains("suspect    1", _vt.Succeed("platonic", "status"), StringComparison.Ordinal);
        _vt.Succeed("platonic", "scan");
        Assert.EndsWith("1999y", client.Succeed("cat", $"{_archive}/many/entry-000001"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_scan_that_is_killed_anywhere_costs_nothing_but_itself()
    {
        _vt.Succeed("platonic", "scan");
        string[] names = ["many", "moved"];
        foreach (var boundary in (int[])[1, 2, 4, 6, 9, 13, 18, 25, 34, 45])
        {
            var confirmed = File.ReadAllText(_archive);
            File.WriteAllBytes(Path.Combine(_files, $"new {boundary}"), Enumerable.Range(boundary, 40_000).Select(i => (byte)(i * i)).ToArray());
            Directory.Move(Path.Combine(_files, names[0]), Path.Combine(_files, names[1]));
            Array.Reverse(names);
            _vt.Environment["VT_FAULT"] = $"kill:{boundary}";
            _vt.Run("platonic", "scan");
            _vt.Environment.Remove("VT_FAULT");
            Assert.StartsWith(confirmed, File.ReadAllText(_archive), StringComparison.Ordinal);
            _vt.Succeed("platonic", "scan");
            Assert.Contains("0 faults", _vt.Run("fsck", _archive).Errors, StringComparison.Ordinal);
        }

        _vt.Succeed("export", "-q", _archive, _folder["out"]);
        Assert.Empty(TreeComparer.Compare(_files, _folder["out"]));
    }

    [Fact]
    public async Task A_first_scan_that_is_killed_at_random_moments_ends_in_a_sound_store()
    {
        Shell.Succeed($"for i in $(seq 60); do head -c 1000000 /dev/urandom > '{_files}/large '$i; done");
        for (var i = 1; i <= 4; i++)
        {
            using var scan = _vt.Start("platonic", "scan");
            if (!scan.WaitForExit(60 * i))
                scan.Kill();
            await scan.WaitForExitAsync();
        }

        _vt.Succeed("platonic", "scan");
        Assert.Contains("0 faults", _vt.Run("fsck", _archive).Errors, StringComparison.Ordinal);
        _vt.Succeed("export", "-q", _archive, _folder["out"]);
        Assert.Empty(TreeComparer.Compare(_files, _folder["out"]));
    }

    [Fact]
    public async Task A_watched_folder_gets_a_state_for_what_changes_and_the_watcher_ends_when_it_is_asked_to()
    {
        using var watcher = _vt.Start("platonic", "watch", "--settle", "1s");
        await SayAsync(watcher, "is indexed, and watched");
        Assert.Contains($"by process {watcher.Id}", _vt.Succeed("platonic", "status"), StringComparison.Ordinal);
        var second = _vt.Run("platonic", "watch");
        Assert.Equal(1, second.ExitCode);
        Assert.Contains("is being watched by process", second.Errors, StringComparison.Ordinal);
        Directory.CreateDirectory(Path.Combine(_files, "made/and/filled"));
        File.WriteAllText(Path.Combine(_files, "made/and/filled/file"), "while it is watched");
        await SayAsync(watcher, "a new state");
        Assert.Equal("while it is watched", _vt.Succeed("cat", $"{_archive}/made/and/filled/file"));
        Shell.Succeed($"kill -TERM {watcher.Id}");
        Assert.True(watcher.WaitForExit(_patience), "the watcher goes on");
        Assert.Equal(0, watcher.ExitCode);
    }

    static async Task SayAsync(Process process, string what)
    {
        using var patience = new CancellationTokenSource(_patience);
        while (await process.StandardError.ReadLineAsync(patience.Token) is { } line)
        {
            if (line.Contains(what, StringComparison.Ordinal))
                return;
        }

        Assert.Fail($"the process ended without saying: {what}");
    }

    (int ExitCode, bool IsOneLine) Refused(params string[] arguments)
    {
        var refused = _vt.Run(arguments);
        return (refused.ExitCode, refused.Errors.TrimEnd('\n').Split('\n').Length == 1 && refused.Errors.StartsWith("vt: ", StringComparison.Ordinal));
    }

    static string RootOf(string archive) => File.ReadLines(archive).Last().Split(' ', 3)[2].Split("}} ")[0];
}
