using Vt.Output;
using Vt.Settings;

namespace Vt.Tests.Commands;

public sealed class MountHelperTests
{
    static (string[]? Arguments, string Error) Translate(params string[] arguments)
    {
        using var error = new MemoryStream();
        var messages = new MessageWriter(new Surroundings
        {
            Input = Stream.Null,
            Output = Stream.Null,
            Error = error,
            Environment = _ => null,
            CurrentDirectory = "/",
            ProgramName = "mount.fuse.vt",
        });
        return (ProgramNames.Translate("mount.fuse.vt", arguments, messages).Arguments, System.Text.Encoding.UTF8.GetString(error.ToArray()));
    }

    [Fact]
    public void What_mount_says_becomes_vt_mount()
    {
        var (arguments, _) = Translate("/a.vt", "/mnt", "-sv", "-o", "ro,noauto,x-systemd.automount,allow_other,uid=3,_netdev", "-t", "fuse.vt");

        Assert.Equal(["mount", "--daemon", "-r", "-o", "allow_other,uid=3", "--", "/a.vt", "/mnt"], arguments!);
    }

    [Fact]
    public void A_call_that_mount_never_makes_is_refused()
    {
        Assert.Equal("mount.fuse.vt: what is wanted is SPECIAL DIR [-o OPTIONS]\n", Translate("/a.vt").Error);
        Assert.Equal("mount.fuse.vt: -o needs a value\n", Translate("/a.vt", "/mnt", "-o").Error);
        Assert.Null(Translate("/a.vt", "/mnt", "--frob").Arguments);
    }
}
