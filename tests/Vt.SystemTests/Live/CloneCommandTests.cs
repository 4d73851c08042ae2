using Vt.SystemTests.Commands;
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

    [RootFact]
    public void A_tree_that_was_made_in_the_mount_its_clone_and_the_clone_of_that_live_on_by_themselves()
    {
        using var mount = new LiveMount();
        Make(mount, "tree");
        mount.Run("chmod 2750 tree; chown 12:34 tree; setfattr -n user.note -v said tree; setfacl -d -m u:7:rwx tree; touch -d @1000000000.123456789 tree");
        Assert.Equal($"vt: cloned {Count(mount, "tree")} entries, 1.15 MiB shared", Say(mount, "tree", "clone"));
        Assert.Equal($"vt: cloned {Count(mount, "tree")} entries, 1.15 MiB shared", Say(mount, "clone", "second"));
        foreach (var clone in (string[])["clone", "second"])
        {
            Assert.Equal("", mount.Run(Same("tree", clone)).Trim());
            Assert.Empty(TreeComparer.Compare(mount["tree"], mount[clone]));
        }

        CheckNumbers(mount);
        mount.Run(
            """
            cp -a tree ../before
            echo more >> clone/sub/3; rm -r clone/deep; mv clone/sub/4 clone/four; mkdir clone/new; echo new > clone/new/file
            rm second/sub/5; ln second/sub/6 second/six; chmod 600 tree/sub/7; rm tree/sub/8
            """);
        for (var i = 0; i < 3; i++)
        {
            mount.Run(
                """
                [ "$(cat clone/sub/3)" = "3
                more" ]; [ ! -e clone/deep ]; [ "$(cat clone/four)" = 4 ]; [ "$(cat clone/new/file)" = new ]; [ ! -e clone/sub/4 ]; [ -e clone/sub/8 ]; [ "$(cat second/sub/3)" = 3 ]
                [ ! -e second/sub/5 ]; [ "$(stat -c %h second/six)" = 2 ]; [ "$(cat tree/sub/3)" = 3 ]; [ "$(cat tree/sub/5)" = 5 ]; [ ! -e tree/sub/8 ]; [ "$(stat -c %a second/sub/7 tree/sub/7)" = "644
                600" ]; [ "$(stat -c '%a %u %g' clone)" = "2750 12 34" ]
                """);
            CheckNumbers(mount);
            if (i == 0)
                mount.Remount();
            else if (i == 1)
                mount.KillAndMount();
        }

        mount.Run("rm -rf tree; rm -r clone");
        mount.Run("mkdir -p expected; cp -a ../before/. expected; rm expected/sub/5; ln expected/sub/6 expected/six; rsync -aHrni --omit-dir-times --delete expected/ second/");
        CheckStore(mount);
    }

    [RootFact]
    public void An_imported_tree_is_shared_as_it_is()
    {
        using var mount = new LiveMount();
        Make(mount, "tree");
        mount.Run("cp -a tree ../plain; rm -r tree");
        mount.Unmount();
        mount.Vt.Succeed("import", mount.Folder["plain"], mount.Archive);
        mount.Mount();
        var packs = Stored(mount);
        mount.Run("mkdir -p here");
        mount.Vt.Succeed("clone", mount["sub"], mount["here/sub"]);
        mount.Vt.Succeed("clone", mount["deep"], mount["here/deep"]);
        Assert.Equal(mount.Run("getfattr --only-values -n x-vt-block sub/3").Trim(), mount.Run("getfattr --only-values -n x-vt-block here/sub/3").Trim());
        Assert.Equal(Reference(mount, "sub"), Reference(mount, "here/sub"));
        Assert.InRange(Stored(mount) - packs, 0, 50_000);
        mount.KillAndMount();
        Assert.Equal("", mount.Run(Same("sub", "here/sub") + "; " + Same("deep", "here/deep")).Trim());
        CheckNumbers(mount);
    }

    [RootFact]
    public void A_clone_that_was_synced_is_there_whole_after_a_kill()
    {
        foreach (var sync in (string[])["sync", "fsync", "none"])
        {
            using var mount = new LiveMount();
            Make(mount, "tree");
            mount.Vt.Succeed("clone", mount["tree"], mount["clone"]);
            if (sync == "sync")
                mount.Vt.Succeed("sync", mount.Point);
            else if (sync == "fsync")
                mount.Run("sync clone");
            mount.KillAndMount();
            var isThere = mount.Run("ls -A").Contains("clone", StringComparison.Ordinal);
            Assert.True(isThere || sync == "none");
            if (isThere && (sync != "none" || mount.Run("ls -A clone").Length > 0))
                Assert.Equal("", mount.Run(Same("tree", "clone")).Trim());
            CheckNumbers(mount);
            CheckStore(mount);
        }
    }

    [RootFact]
    public void A_folder_of_an_earlier_state_comes_back()
    {
        using var mount = new LiveMount();
        Make(mount, "tree");
        mount.Run("ln tree/sub/1 tree/linked; mkdir other; ln -s x other/y; echo f > file; setfattr -n user.a -v b file");
        mount.Vt.Succeed("sync", mount.Point);
        mount.Run("cp -a . ../then; rm -r tree/sub/3 tree/deep; echo later > tree/sub/5");
        mount.Vt.Succeed("sync", mount.Point);
        var all = mount.Folder.Make("all");
        using (RealMount.Start("/usr/bin/env", [$"VT_CONFIG={mount.Folder["home/vtrc"]}", $"VT_STORE={mount.Vt.Store}", VtCommand.Executable, "-q", "mount", "-r", "-a", mount.Archive, all], all))
        {
            var state = Directory.GetDirectories(all).First(static state => Directory.Exists(Path.Combine(state, "tree/deep")));
            Assert.Equal($"vt: cloned {Count(mount, "../then/tree/deep")} entries, 2 B shared", Say(mount, Path.Combine(state, "tree/deep"), "deep"));
            mount.Vt.Succeed("clone", Path.Combine(state, "tree"), mount["tree then"]);
            mount.Vt.Succeed("clone", state, mount["state"]);
            mount.Vt.Succeed("clone", Path.Combine(state, "file"), mount["file then"]);
            var listing = mount.Vt.Run("clone", all, mount["all"]);
            Assert.Equal(1, listing.ExitCode);
            Assert.Contains("is not in the store", listing.Errors, StringComparison.Ordinal);
            Assert.Equal("", mount.Run(Same("../then/tree", "'tree then'") + ";" + Same("../then", "state") + ";" + Same("../then/tree/deep", "deep") + ";cmp file 'file then'; [ ! -e all ]").Trim());
            Assert.Equal("2", mount.Run("stat -c %h 'tree then/linked'").Trim());
            mount.Run("sync state");
            mount.KillAndMount();
            Assert.Equal("", mount.Run(Same("../then/tree", "'tree then'") + ";" + Same("../then", "state")).Trim());
            CheckNumbers(mount);
            Shell.Succeed($"umount '{all}'");
        }
    }

    [RootFact]
    public void What_another_store_has_is_not_cloned()
    {
        using var mount = new LiveMount();
        using var other = new LiveMount();
        Make(other, "tree");
        other.Run("ln tree/sub/1 linked; mkdir with; ln tree/sub/2 with/link");
        var refused = mount.Vt.Run("clone", other["tree/deep"], mount["new"]);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("is not in the store that the clone would be in", refused.Errors, StringComparison.Ordinal);
        Assert.Single(refused.Errors.Trim().Split('\n'));
        Assert.Contains("different mounts", mount.Vt.Run("clone", other["linked"], mount["new"]).Errors, StringComparison.Ordinal);
        Assert.Equal("", mount.Run("ls -A"));
    }

    [RootFact]
    public void An_ordinary_user_clones_what_the_user_may_read()
    {
        using var mount = new LiveMount();
        Make(mount, "tree");
        mount.Run("chown -R 1000:1000 tree; mkdir theirs; chown 1000:1000 theirs");
        const string me = "setpriv --reuid 1000 --regid 1000 --clear-groups";
        Assert.NotEqual(0, Shell.Run($"cd '{mount.Point}'; {me} getfattr -n x-vt-dirent tree").ExitCode);
        Assert.NotEqual(0, Shell.Run($"cd '{mount.Point}'; {me} setfattr -n x-vt-dirent -v \"$(getfattr --only-values -n x-vt-dirent tree)\" theirs").ExitCode);
        Assert.Equal("", mount.Run("ls -A theirs"));
        mount.Run($"chmod 755 ..; {me} env HOME=/nonexistent VT_CONFIG=/dev/null '{VtCommand.Executable}' clone '{mount["tree"]}' '{mount["theirs/clone"]}'");
        Assert.Equal("", mount.Run(Same("tree", "theirs/clone")).Trim());
    }

    [RootFact]
    public void What_was_looked_for_in_a_folder_is_found_once_it_has_it()
    {
        using var mount = new LiveMount();
        Make(mount, "tree");
        mount.Run("mkdir empty; ls -la empty; stat empty; cat empty/sub/3 2>/dev/null; cat empty/sub 2>/dev/null; [ ! -e empty/top ]");
        mount.Run(
            """
            exec 9< empty; ls /proc/self/fd/9/
            setfattr -n x-vt-dirent -v "$(getfattr --only-values -n x-vt-dirent tree)" empty
            [ "$(cat empty/sub/3)" = 3 ]; cmp tree/top empty/top; [ "$(stat -c %a%Y%h empty)" = "$(stat -c %a%Y%h tree)" ]; ls empty | diff - <(ls tree); ls /proc/self/fd/9/ | diff - <(ls tree)
            cat empty/missing 2>/dev/null && exit 1; rmdir empty 2>/dev/null && exit 1; touch empty/sub/added; rm -r empty
            """);
    }

    static void Make(LiveMount mount, string name) => mount.Run(
        $"""
        mkdir -p {name}/sub {name}/empty {name}/deep/deeper/deepest; cd {name}
        for i in $(seq 300); do echo $i > sub/$i; done
        echo x > deep/deeper/deepest/file; ln -s sub/1 link; mkfifo fifo; head -c 1200000 /dev/urandom > top; touch -d @1000000 sub; chmod 700 deep
        """);

    static string Same(string one, string other) => $"rsync -aHAXni --delete {one}/ {other}/";

    static string Count(LiveMount mount, string folder) => mount.Run($"find '{folder}' | wc -l").Trim();

    static string Say(LiveMount mount, string source, string target)
    {
        var said = mount.Vt.Run("clone", Path.Combine(mount.Point, source), mount[target]);
        Assert.True(said.ExitCode == 0, said.Errors);
        return said.Errors.Trim();
    }

    static string Reference(LiveMount mount, string folder) =>
        Vt.Trees.Dirents.Dirent.Parse(mount.Run($"getfattr --only-values -n x-vt-dirent {folder}").Trim()).Content.ToString();

    // No two inodes have one number.
    static void CheckNumbers(LiveMount mount) => Assert.Equal("", mount.Run("find . ! -type d -links 1 -printf '%i\\n' -o -type d -printf '%i\\n' | sort | uniq -d").Trim());

    static void CheckStore(LiveMount mount)
    {
        mount.Unmount();
        mount.Vt.Succeed("fsck", mount.Archive);
        mount.Mount();
    }

    static long Stored(LiveMount mount) => Directory.EnumerateFiles(Path.Combine(mount.Vt.Store, "packs")).Sum(static path => new FileInfo(path).Length);
}
