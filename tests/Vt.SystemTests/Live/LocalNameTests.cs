using System.Text.Json;
using Vt.Tests.Support;

namespace Vt.SystemTests.Live;

/// <summary>What is built in an archive and left out of it.</summary>
public sealed class LocalNameTests
{
    const string Build =
        """
        mkdir -p src build
        for i in $(seq 40); do echo "int f$i;" > src/$i.c; done
        for i in $(seq 40); do cp src/$i.c src/$i.tmp; mv src/$i.tmp src/$i.o; done
        head -c 3000000 /dev/urandom > build/large
        cat src/*.o > build/all
        ln build/all build/again
        sync build/all
        """;

    [MountFact]
    public void What_is_built_is_there_after_a_kill_and_in_no_state()
    {
        using var mount = new LiveMount("commit=0.2,exclude=/build,exclude=*.o");
        mount.Run(Build);
        mount.Vt.Succeed("sync", mount.Point);
        var sums = mount.Run("find . -type f | sort | xargs sha256sum; stat -c %h build/all");
        mount.KillAndMount();
        Assert.Equal(sums, mount.Run("find . -type f | sort | xargs sha256sum; stat -c %h build/all"));
        var lines = File.ReadAllLines(mount.Archive).Length;
        mount.Run("rm build/again; echo more >> build/all; sync build/all");
        mount.Vt.Succeed("sync", mount.Point);
        using (var status = JsonDocument.Parse(mount.Vt.Succeed("status", "--json", mount.Point)))
            Assert.Equal(43, status.RootElement.GetProperty("local_inodes").GetInt32());

        // Other rules: what they don't name is stored.
        mount.Remount("commit=3600,exclude=/build");
        Assert.Equal(sums.Split('\n').Where(static line => line.Contains("/src/", StringComparison.Ordinal)), mount.Run("find ./src -type f | sort | xargs sha256sum").Split('\n').Where(static line => line.Length > 0));
        mount.Vt.Succeed("sync", mount.Point);
        mount.Unmount();
        Assert.True(File.ReadAllLines(mount.Archive).Length > lines);
        var stored = mount.Vt.Succeed("ls", "-R", mount.Archive);
        Assert.Contains("7.o", stored, StringComparison.Ordinal);
        Assert.DoesNotContain("build", stored, StringComparison.Ordinal);
        mount.Vt.Succeed("fsck", "--all", mount.Archive);
        mount.Mount();
        Assert.EndsWith("more", mount.Run("tail -n 1 build/all").TrimEnd(), StringComparison.Ordinal);
        mount.Run("mv build kept");
        mount.Unmount();
        Assert.Contains("kept", mount.Vt.Succeed("ls", mount.Archive), StringComparison.Ordinal);
        mount.Mount();
    }

    [MountFact]
    public void A_pattern_that_cannot_be_read_is_refused_with_one_line()
    {
        using var mount = new LiveMount();
        mount.Unmount();
        var refused = mount.Vt.Run("mount", "-o", "exclude=[x", mount.Archive, mount.Point);
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("-o exclude=[x: ", refused.Errors, StringComparison.Ordinal);
        Assert.Single(refused.Errors.TrimEnd().Split('\n'));
    }
}
