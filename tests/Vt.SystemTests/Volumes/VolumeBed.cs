using Vt.SystemTests.Commands;
using Vt.Tests.Support;

namespace Vt.SystemTests.Volumes;

/// <summary>A home with a store and the volume <c>frob</c>, and a folder to mount on; gone in the end.</summary>
public abstract class VolumeBed : IDisposable
{
    private protected VolumeBed()
    {
        Command = new VtCommand(Folder["home"]);
        Command.Environment["VT_AUTHOR"] = "Ann <ann@example.org>";
        Command.Succeed("init");
        Command.Succeed("volume", "init", "frob");
        Point = Folder.Make("mnt");
    }

    private protected TempFolder Folder { get; } = new();

    private protected VtCommand Command { get; }

    private protected string Point { get; }

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        Folder.Dispose();
    }

    // States are made by commits and by vt sync alone.
    private protected RealMount Mount(string special, params string[] options) => MountAt(Point, special, options);

    private protected RealMount MountAt(string point, string special, params string[] options) => RealMount.Start(
        "/usr/bin/env",
        [
            $"HOME={Folder["home"]}", $"VT_CONFIG={Folder["home"]}/vtrc", $"VT_STORE={Command.Store}", VtCommand.Executable, "-q", "mount", special, point,
            .. options, .. options.Contains("-r") ? Array.Empty<string>() : ["-o", "commit=3600"],
        ],
        point);

    private protected void Unmount(RealMount mount, string? point = null)
    {
        Shell.Succeed($"umount '{point ?? Point}'");
        Assert.True(mount.AwaitExit() == 0, mount.Errors);
    }

    private protected string[] Names(string folder) =>
        [.. Directory.GetFileSystemEntries(Path.Combine(Point, folder)).Select(static path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
}
