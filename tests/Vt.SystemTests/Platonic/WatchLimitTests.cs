using System.Diagnostics;
using Vt.SystemTests.Commands;

namespace Vt.SystemTests.Platonic;

/// <summary>
/// A watcher whose system tells it too little: watches or instances have run out, in a user namespace that has limits of its own, or more has happened than the kernel
/// keeps for who does not read. What has changed is found all the same.
/// </summary>
public sealed class WatchLimitTests : PlatonicBed
{
    public WatchLimitTests()
    {
        for (var i = 0; i < 8; i++)
        {
            Directory.CreateDirectory(Path.Combine(Files, $"{i}/inner"));
            File.WriteAllText(Path.Combine(Files, $"{i}/inner/file"), $"{i}");
        }
    }

    [Theory]
    [InlineData("max_inotify_watches", 5, "12 folders can't be watched")]
    [InlineData("max_inotify_instances", 0, "nothing tells what changes")]
    public async Task What_the_system_does_not_tell_is_found_by_looking_at_everything(string limit, int value, string told)
    {
        var line = Command.Line("platonic", "watch", "--settle", "1s", "--rescan", "1s");
        using var watcher = Start("unshare", "--user", "--map-root-user", "bash", "-c", $"echo {value} > /proc/sys/user/{limit} && exec {line}");
        try
        {
            await watcher.SayAsync(told);
            await watcher.SayAsync("is indexed");
            Assert.Contains("that can't be", Command.Succeed("platonic", "status"), StringComparison.Ordinal);
            for (var i = 0; i < 8; i += 7)
            {
                File.WriteAllText(Path.Combine(Files, $"{i}/inner/file"), $"changed in {i}");
                await watcher.SayAsync("a new state");
                Assert.Equal($"changed in {i}", Command.Succeed("cat", $"{Archive}/{i}/inner/file"));
            }
        }
        finally
        {
            watcher.End();
        }
    }

    [Fact]
    public async Task Events_that_the_kernel_dropped_cost_a_look_at_everything()
    {
        using var watcher = Command.Start("platonic", "watch", "--settle", "1s");
        try
        {
            await watcher.SayAsync("is indexed");
            Shell.Succeed($"kill -STOP {watcher.Id}");

            // Events that are equal to the last one are dropped without being lost: two names in turn.
            var most = int.Parse(File.ReadAllText("/proc/sys/fs/inotify/max_queued_events"));
            for (var i = 0; i <= most; i++)
            {
                using var one = File.Create(Path.Combine(Files, $"0/inner/{i % 2}"));
            }

            Directory.CreateDirectory(Path.Combine(Files, "late/and/deep"));
            File.WriteAllText(Path.Combine(Files, "late/and/deep/file"), "behind what was kept");
            File.WriteAllText(Path.Combine(Files, "7/inner/file"), "as well");
            Shell.Succeed($"kill -CONT {watcher.Id}");
            await watcher.SayAsync("a new state");
            Assert.Equal("behind what was kept", Command.Succeed("cat", $"{Archive}/late/and/deep/file"));
            Assert.Equal("as well", Command.Succeed("cat", $"{Archive}/7/inner/file"));

            // What came while nobody told is watched from now on.
            File.WriteAllText(Path.Combine(Files, "late/and/deep/file"), "seen");
            await watcher.SayAsync("a new state");
            Assert.Equal("seen", Command.Succeed("cat", $"{Archive}/late/and/deep/file"));
        }
        finally
        {
            watcher.End();
        }
    }

    static Process Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true, RedirectStandardInput = true };
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }
}
