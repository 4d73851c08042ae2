using Vt.SystemTests.Commands;
using Vt.Tests.Support;

namespace Vt.SystemTests.Live;

/// <summary>vt splice, crop, compose and the attribute that replaces a content: on files that the kernel has pages of.</summary>
public sealed class RangeCommandTests
{
    [MountFact]
    public void Files_are_put_together_cut_and_cropped_and_everybody_sees_it_at_once()
    {
        using var mount = new LiveMount();
        mount.Run("head -c 3000000 /dev/urandom > a; head -c 2000000 /dev/urandom > b; cat a b > /dev/null");
        mount.Vt.Succeed("compose", mount["c"], mount["a"], $"{mount["b"]}@1000+1M", $"{mount["a"]}@2999000");
        mount.Run("(cat a; tail -c +1001 b | head -c 1048576; tail -c 1000 a) | cmp - c");

        mount.Vt.Succeed("splice", mount["c"], "512K", "1", $"{mount["b"]}@5+7");
        mount.Run("(head -c 524288 a; tail -c +6 b | head -c 7; tail -c +524290 a; tail -c +1001 b | head -c 1048576; tail -c 1000 a) | cmp - c");
        mount.Vt.Succeed("splice", mount["c"], "0", "2M");
        mount.Vt.Succeed("crop", mount["c"], "902855", "1M");
        mount.Run("tail -c +1001 b | head -c 1048576 | cmp - c; cp c kept");
        mount.Vt.Succeed("compose", mount["c"], mount["c"], mount["c"]);
        mount.Run("cat kept kept | cmp - c");

        // What is there is replaced by a reference while the kernel has its pages.
        mount.Run("cat a > /dev/null; setfattr -n x-vt-block -v \"$(getfattr --only-values -n x-vt-block b)\" a; cmp a b; sync a c");
        mount.KillAndMount();
        mount.Run("cat kept kept | cmp - c; cmp a b");
    }

    [MountFact]
    public void What_cannot_be_done_says_why_and_leaves_all_as_it_is()
    {
        using var mount = new LiveMount();
        mount.Run("echo 0123456789 > a; mkdir d");
        File.WriteAllText(mount.Folder["outside"], "x");
        foreach (var (arguments, why) in new (string[], string)[]
        {
            (["crop", mount["a"], "100", "1"], "ends before the range"),
            (["crop", mount["a"], "1x", "1"], "1x is no number of bytes"),
            (["crop", mount["missing"], "0", "1"], "there is no such file"),
            (["crop", mount.Folder["outside"], "0", "1"], "not in a live mount"),
            (["splice", mount["a"], "0", "0", mount.Folder["outside"]], "not in a live mount"),
            (["splice", mount["a"], "0", "0", mount["a"] + "@5+100"], "has only 11 bytes"),
            (["compose", mount["new"], mount["a"], mount["missing"]], "there is no such file"),
            (["compose", mount["new"], mount["d"]], "not in a live mount"),
        })
        {
            var refused = mount.Vt.Run(arguments);
            Assert.Equal(1, refused.ExitCode);
            Assert.Contains(why, refused.Errors, StringComparison.Ordinal);
        }

        Assert.Equal("0123456789\n", File.ReadAllText(mount["a"]));
        Assert.False(File.Exists(mount["new"]));
    }

    [RootFact]
    public void Who_may_write_a_file_that_is_not_his_takes_its_setuid_away_by_it()
    {
        using var mount = new LiveMount();
        mount.Run("echo one > a; chmod 4777 a; setpriv --reuid 1000 --clear-groups setfattr -n x-vt-crop -v '0 1' a; chmod 4777 a; setfattr -n x-vt-crop -v '0 1' a");
        Assert.Equal("4777", mount.Run("stat -c %a a").Trim());
        Assert.Equal("777", mount.Run("setpriv --reuid 1000 --clear-groups setfattr -n x-vt-crop -v '0 1' a; stat -c %a a").Trim());
        Assert.NotEqual(0, Shell.Run($"cd '{mount.Point}'; chmod 644 a; setpriv --reuid 1000 --clear-groups setfattr -n x-vt-crop -v '0 0' a").ExitCode);
    }
}
