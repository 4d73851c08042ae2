using System.Globalization;
using Vt.Tests.Support;
using Xunit.Abstractions;

namespace Vt.SystemTests.Live;

/// <summary>
/// A live mount answers as the host's own file system does, whatever is asked of it in whatever order, and has the same tree afterwards: while it
/// is mounted, after an unmount, and after the server was killed behind an fsync.
/// </summary>
public sealed class DifferentialTests(ITestOutputHelper output)
{
    const int StepsOfRound = 400;

    [MountTheory]
    [InlineData(1, "commit=3600")]
    [InlineData(2, "commit=0.05")]
    [InlineData(3, "commit=1")]
    public void A_live_mount_does_what_the_hosts_file_system_does(int seed, string options)
    {
        // Another start and more of it for tests/long.
        seed += Number("VT_TEST_SEED", 0);
        var rounds = Number("VT_TEST_ROUNDS", 9);
        output.WriteLine($"seed {seed}, {rounds} rounds");
        using var mount = new LiveMount(options);
        using var expected = new Side(mount.Folder.Make("host"));
        using var actual = new Side(mount.Point);
        var run = new Differential(expected, actual, seed);
        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < StepsOfRound; i++)
                run.Step();
            run.Compare("mounted");
            switch (round % 3)
            {
                case 1:
                    actual.SyncAll();
                    run.CloseAll();
                    mount.KillAndMount();
                    run.Compare("after a kill");
                    break;
                case 2:
                    run.CloseAll();
                    mount.Remount();
                    run.Compare("after an unmount");
                    break;
            }
        }

        Assert.True(run.Succeeded > run.Steps / 10, "hardly anything was done");
        run.CloseAll();
        mount.Remount();
        mount.Vt.Succeed("fsck", "-q", mount.Archive);
    }

    static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : otherwise;
}
