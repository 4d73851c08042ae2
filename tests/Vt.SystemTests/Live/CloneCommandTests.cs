using Vt.Tests.Support;

namespace Vt.SystemTests.Live;

/// <summary>vt clone: of files and trees of a live mount.</summary>
public sealed class CloneCommandTests
{
    [RootFact]
    public void The_clone_of_a_tree_has_all_that_the_tree_has_and_shares_its_content()
    {
        using var mount = new LiveMount();
        Directory.CreateDirectory(mount["tree"]);
        new TreeGenerator(17, 0.2).Make(mount["tree"]);
        mount.Run(
            """
            long=$(printf 'n%.0s' $(seq 255))
            ln -s "$long" "tree/$long"
            mkfifo "tree/a fifo with a name that is longer than thirty-two bytes"
            mknod "tree/a device with a name that is longer than thirty-two bytes" c 1 3
            echo text > tree/one; ln tree/one "tree/two names of one file"; setfattr -n user.note -v said tree/one
            head -c 30000000 /dev/urandom > tree/large; truncate -s 1G tree/sparse; echo end >> tree/sparse
            chmod 2750 tree; touch -d @1000000000.123456789 tree
            """);
        mount.Vt.Succeed("sync", mount.Point);
        var before = Stored(mount);
        mount.Vt.Succeed("clone", mount["tree"], mount["clone"]);
        mount.Vt.Succeed("sync", mount.Point);
        Assert.InRange(Stored(mount) - before, 0, 2_000_000);
        const string same = "rsync -aHAXni --delete tree/ clone/; cmp tree/large clone/large; stat -c '%a %U %y' tree > ../a; stat -c '%a %U %y' clone | diff ../a -";
        Assert.Equal("", mount.Run(same).Trim());
        Assert.Empty(TreeComparer.Compare(mount["tree"], mount["clone"]));
        mount.Run("[ $(stat -c %i clone/one) = $(stat -c %i 'clone/two names of one file') ]; [ $(stat -c %i clone/one) != $(stat -c %i tree/one) ]");
        mount.Remount();
        Assert.Equal("", mount.Run(same).Trim());

        // Each has its own life.
        mount.Run("echo more >> clone/one; rm -r clone/large; grep -c more tree/one && exit 1; [ $(stat -c %s tree/large) = 30000000 ]");
    }

    [MountFact]
    public void What_cannot_be_cloned_says_why_and_leaves_nothing()
    {
        using var mount = new LiveMount();
        mount.Run("mkdir -p tree/deep; echo x > tree/deep/file; ln -s tree/deep alias; ln -s . here");
        File.WriteAllText(mount.Folder["outside"], "x");
        foreach (var (source, target, why) in new[]
        {
            (mount["missing"], mount["new"], "No such file or directory"),
            (mount["tree"], mount["missing/new"], "No such file or directory"),
            (mount["tree"], mount["tree/new"], "is within"),
            (mount["tree"], mount["tree/deep/new"], "is within"),
            (mount["tree"], mount["alias/new"], "is within"),
            (mount["here/tree"], mount["tree/../tree/deep/new"], "is within"),
            (mount["tree/."], mount["tree/new"], "is within"),
            (mount["."], mount["new"], "is within"),
            (mount["tree"], mount["alias"], "exists"),
            (mount["tree/deep/file"], mount["tree"], "exists"),
            (mount.Folder["outside"], mount["new"], "not in a live mount"),
            (mount["tree"], mount.Folder["new"], "not in a live mount"),
        })
        {
            var refused = mount.Vt.Run("clone", source, target);
            Assert.True(refused.ExitCode == 1, $"{source} to {target}: {refused.ExitCode} {refused.Errors}");
            Assert.Contains(why, refused.Errors, StringComparison.Ordinal);
            Assert.Single(refused.Errors.Trim().Split('\n'));
        }

        Assert.Equal("./alias\n./here\n./tree\n./tree/deep\n./tree/deep/file", mount.Run("find . -mindepth 1 | sort").Trim());
    }

    static long Stored(LiveMount mount) => Directory.EnumerateFiles(Path.Combine(mount.Vt.Store, "packs")).Sum(static path => new FileInfo(path).Length);
}
