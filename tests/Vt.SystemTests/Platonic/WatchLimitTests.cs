using System.Diagnostics;
using Vt.SystemTests.Commands;
using Vt.Tests.Support;

namespace Vt.SystemTests.Platonic;

/// <summary>
/// A watcher whose system tells it too little: watches or instances have run out, in a user namespace that has limits of its own, or more has happened than the kernel
/// keeps for who does not read. What has changed is found all the same.
/// </summary>
public sealed class WatchLimitTests : IDisposable
{
    static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    readonly TempFolder _folder = new();
    readonly VtCommand _vt;
    readonly string _files;
    readonly string _archive;

    public WatchLimitTests()
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

            """);
        _vt.Environment["VT_STORE"] = "[photos]";
        for (var i = 0; i < 8; i++)
        {
            Directory.CreateDirectory(Path.Combine(_files, $"{i}/inner"));
            File.WriteAllText(Path.Combine(_files, $"{i}/inner/file"), $"{i}");
        }
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("max_inotify_watches", 5, "12 folders can't be watched")]
    [InlineData("max_inotify_instances", 0, "nothing tells what changes")]
    public async Task What_the_system_does_not_tell_is_found_by_looking_at_everything(string limit, int value, string told)
    {
        var line = _vt.Line("platonic", "watch", "--settle", "1s", "--rescan", "1s");
        using var watcher = Start("unshare", "--user", "--map-root-user", "bash", "-c", $"echo {value} > /proc/sys/user/{limit} && exec {line}");
        try
        {
            await SayAsync(watcher, told);
            await SayAsync(watcher, "is indexed");
            Assert.Contains("that can't be", _vt.Succeed("platonic", "status"), StringComparison.Ordinal);
            for (var i = 0; i < 8; i += 7)
            {
                File.WriteAllText(Path.Combine(_files, $"{i}/inner/file"), $"changed in {i}");
                await SayAsync(watcher, "a new state");
                Assert.Equal($"changed in {i}", _vt.Succeed("cat", $"{_archive}/{i}/inner/file"));
            }
        }
        finally
        {
            End(watcher);
        }
    }

    [Fact]
    public async Task Events_that_the_kernel_dropped_cost_a_look_at_everything()
    {
        using var watcher = _vt.Start("platonic", "watch", "--settle", "1s");
        try
        {
            await SayAsync(watcher, "is indexed");
            Shell.Succeed($"kill -STOP {watcher.Id}");

            // Events that are equal to the last one are dropped without being lost: two names in turn.
            var most = int.Parse(File.ReadAllText("/proc/sys/fs/inotify/max_queued_events"));
            for (var i = 0; i <= most; i++)
            {
                using var one = File.Create(Path.Combine(_files, $"0/inner/{i % 2}"));
            }

            Directory.CreateDirectory(Path.Combine(_files, "late/and/deep"));
            File.WriteAllText(Path.Combine(_files, "late/and/deep/file"), "behind what was kept");
            File.WriteAllText(Path.Combine(_files, "7/inner/file"), "as well");
            Shell.Succeed($"kill -CONT {watcher.Id}");
            await SayAsync(watcher, "a new state");
            Assert.Equal("behind what was kept", _vt.Succeed("cat", $"{_archive}/late/and/deep/file"));
            Assert.Equal("as well", _vt.Succeed("cat", $"{_archive}/7/inner/file"));

            // What came while nobody told is watched from now on.
            File.WriteAllText(Path.Combine(_files, "late/and/deep/file"), "seen");
            await SayAsync(watcher, "a new state");
            Assert.Equal("seen", _vt.Succeed("cat", $"{_archive}/late/and/deep/file"));
        }
        finally
        {
            End(watcher);
        }
    }

    static Process Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true, RedirectStandardInput = true };
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }

    static void End(Process watcher)
    {
        Shell.Run($"kill -CONT {watcher.Id}; kill -TERM {watcher.Id}");
        if (!watcher.WaitForExit(_patience))
            watcher.Kill();
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
}
