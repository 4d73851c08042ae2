using Vt.Fuse.Mounting;
using Vt.Posix.Mounts;

namespace Vt.Tests.Fuse.Mounting;

public sealed class FuseMountOptionsTests
{
    [Fact]
    public void Options_of_mount_are_understood()
    {
        var options = FuseMountOptions.Parse("ro,allow_other,default_permissions,uid=1000,gid=100,nosuid,nodev,noexec,noatime,max_read=65536");
        Assert.True(options.AllowOther);
        Assert.True(options.DefaultPermissions);
        Assert.Equal(1000u, options.Uid);
        Assert.Equal(100u, options.Gid);
        Assert.Equal(65536, options.MaxRead);
        Assert.Equal(
            MountFlags.MS_RDONLY | MountFlags.MS_NOSUID | MountFlags.MS_NODEV | MountFlags.MS_NOEXEC | MountFlags.MS_NOATIME, options.Flags);
        Assert.Equal("fsname=vt,subtype=vt,allow_other,default_permissions,max_read=65536,ro,nosuid,nodev,noexec,noatime", options.HelperOptions());
    }

    [Fact]
    public void The_last_of_contrary_options_wins() => Assert.Equal(MountFlags.None, FuseMountOptions.Parse("ro,nodev,rw,dev").Flags);

    [Fact]
    public void A_backslash_makes_a_comma_part_of_a_value()
    {
        var options = FuseMountOptions.Parse(@"fsname=a\,b\\c,ro");
        Assert.Equal(@"a,b\c", options.FileSystemName);
        Assert.StartsWith(@"fsname=a\,b\\c,", options.HelperOptions(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_fstab_keeps_for_itself_is_passed_over() =>
        Assert.Equal(new FuseMountOptions(), FuseMountOptions.Parse("defaults,noauto,user,_netdev,nofail,x-systemd.automount,,"));

    [Fact]
    public void An_option_of_the_callers_own_is_offered_to_it()
    {
        var seen = new List<string>();
        FuseMountOptions.Parse("subpath=a/b,ro,cache", (name, value) =>
        {
            seen.Add($"{name}={value}");
            return true;
        });
        Assert.Equal(["subpath=a/b", "cache="], seen);
    }

    [Theory]
    [InlineData("ro,sparkle", "sparkle")]
    [InlineData("uid=root", "uid")]
    [InlineData("uid", "uid")]
    [InlineData("fsname=", "fsname")]
    [InlineData("ro=1", "ro")]
    public void What_is_wrong_is_named(string text, string name)
    {
        var exception = Assert.Throws<FormatException>(() => FuseMountOptions.Parse(text));
        Assert.Contains($"\"{name}\"", exception.Message, StringComparison.Ordinal);
    }
}
