using Vt.SystemTests.Commands;
using Vt.SystemTests.Live;
using Vt.Tests.Support;
using Xunit.Abstractions;

namespace Vt.SystemTests.Conformance;

/// <summary>
/// Each probe of vt-posixprobe, which is a sequence of calls by root and by others, comes to the same in a live mount as in a folder of the machine's
/// own filesystem: results, error numbers, and what stat(2) and the content are then. The table of probes is the test.
/// </summary>
public sealed class SideBySideTests(ITestOutputHelper output)
{
    const int FewestProbes = 75;

    /// <summary>
    /// Lines that differ, and why that has to be. By the probe, the line that the machine's filesystem gives, and the mount's.
    /// </summary>
    static readonly (string Probe, string Expected, string Actual)[] Exceptions = [];

    static string Program => Path.Combine(
        Path.GetDirectoryName(Path.GetDirectoryName(AppContext.BaseDirectory.TrimEnd('/')))!,
        "Vt.PosixProbe",
        new DirectoryInfo(AppContext.BaseDirectory).Name,
        "vt-posixprobe");

    [RootFact]
    public void A_live_mount_for_reading_only_refuses_every_change_as_the_machines_own_filesystem_does()
    {
        using var mount = new LiveMount();
        var host = mount.Folder.Make("host");
        var answers = new List<string>();
        foreach (var folder in (string[])[host, mount.Point])
        {
            // A mount of the same folder that is for reading only: what is shown by it can't be changed through it.
            var view = mount.Folder.Make($"view{answers.Count}");
            Shell.Succeed($"'{Program}' --prepare '{folder}' && mount --bind '{folder}' '{view}' && mount -i -o remount,bind,ro '{view}'");
            try
            {
                answers.Add(Shell.Succeed($"cd / && '{Program}' --read-only '{view}'"));
            }
            finally
            {
                Shell.Succeed($"umount '{view}'");
            }
        }

        Assert.Equal(answers[0], answers[1]);
        Assert.Contains("EROFS", answers[0], StringComparison.Ordinal);
    }

    [RootFact]
    public async Task A_live_mount_answers_every_call_as_the_machines_own_filesystem_does()
    {
        using var mount = new LiveMount("commit=1");
        var kind = Shell.Succeed($"stat -f -c %T '{mount.Folder.Path}'");
        if (kind != "ext2/ext3")
        {
            output.WriteLine($"the folder for temporary files is on {kind}, which answers some calls otherwise than ext4: nothing to compare with");
            return;
        }

        var host = mount.Folder.Make("host");
        var expecting = Task.Run(() => Probe(host));
        var actual = Probe(mount.Point);
        var expected = await expecting;

        Assert.True(expected.Count >= FewestProbes, $"{expected.Count} probes");
        Assert.Equal(expected.Keys, actual.Keys);
        var wrong = expected.SelectMany(probe => Differences(probe.Key, probe.Value, actual[probe.Key])).ToList();
        Assert.True(wrong.Count == 0, string.Join("\n", wrong.Take(50)));
        mount.Unmount();
        mount.Vt.Succeed("fsck", "-q", mount.Archive);
    }

    static SortedDictionary<string, string[]> Probe(string folder)
    {
        var probes = new SortedDictionary<string, string[]>(StringComparer.Ordinal);
        foreach (var probe in Shell.Succeed($"'{Program}' '{folder}'").Split("== ", StringSplitOptions.RemoveEmptyEntries))
        {
            var lines = probe.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            probes.Add(lines[0], lines[1..]);
        }

        return probes;
    }

    static IEnumerable<string> Differences(string probe, string[] expected, string[] actual)
    {
        for (var i = 0; i < Math.Max(expected.Length, actual.Length); i++)
        {
            var (wanted, got) = (expected.ElementAtOrDefault(i)?.Trim() ?? "nothing", actual.ElementAtOrDefault(i)?.Trim() ?? "nothing");
            if (wanted != got && !Exceptions.Contains((probe, wanted, got)))
                yield return $"{probe}, line {i + 1}: should be\n  {wanted}\nis\n  {got}\nafter\n  {string.Join("\n  ", expected.Take(i).TakeLast(5).Select(static line => line.Trim()))}";
        }
    }
}
