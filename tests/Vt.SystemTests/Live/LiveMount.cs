using Vt.SystemTests.Commands;
using Vt.Tests.Support;

namespace Vt.SystemTests.Live;

/// <summary>An archive of a test's own, mounted for writing by a server in another process, which can be stopped, killed and started again.</summary>
sealed class LiveMount : IDisposable
{
    readonly TempFolder _folder = new();
    readonly VtCommand _vt;
    readonly string _at;
    string _options;
    RealMount _mount;

    /// <summary>Makes a store and an archive and mounts it.</summary>
    /// <param name="options">What stands behind <c>-o</c>.</param>
    /// <param name="at">Where store and archive lie; null for a folder of its own.</param>
    public LiveMount(string options = "commit=3600", string? at = null)
    {
        _options = options;
        _at = at ?? _folder.Path;
        _vt = new VtCommand(Path.Combine(_at, "home"));
        _vt.Succeed("init");
        Point = _folder.Make("mnt");
        _mount = Start();
    }

    /// <summary>The mountpoint.</summary>
    public string Point { get; }

    /// <summary>A folder for the test beside it, which is no mount.</summary>
    public TempFolder Folder => _folder;

    /// <summary>The commands, with the store that is mounted.</summary>
    public VtCommand Vt => _vt;

    /// <summary>The archive.</summary>
    public string Archive => Path.Combine(_at, "a.vt");

    /// <summary>The server's number.</summary>
    public int Server => _mount.Process.Id;

    /// <summary>A path below the mountpoint.</summary>
    public string this[string name] => Path.Combine(Point, name);

    /// <summary>Unmounts and waits for the server's end; nothing may be open.</summary>
    public void Unmount()
    {
        Shell.Succeed($"umount '{Point}'");
        Assert.True(_mount.AwaitExit() == 0, _mount.Errors);
    }

    /// <summary>Unmounts and mounts; nothing may be open.</summary>
    public void Remount()
    {
        Unmount();
        Mount();
    }

    /// <summary>Unmounts and mounts in another way; nothing may be open.</summary>
    public void Remount(string options)
    {
        _options = options;
        Remount();
    }

    /// <summary>What the server has said on its standard error; all of it once it has ended.</summary>
    public string Errors => _mount.Errors;

    /// <summary>Kills the server with no chance to tidy up, and mounts again.</summary>
    public void KillAndMount()
    {
        Kill();
        Mount();
    }

    /// <summary>Kills the server with no chance to tidy up.</summary>
    public void Kill()
    {
        _mount.Signal("KILL");
        _mount.AwaitExit();
    }

    /// <summary>Sends the server a signal, by its name without SIG.</summary>
    public void Signal(string name) => _mount.Signal(name);

    /// <summary>Runs lines of bash in the mountpoint; they must succeed.</summary>
    /// <returns>What they print.</returns>
    public string Run(string lines) => Shell.Succeed($"cd '{Point}' || exit 1\n{lines}");

    /// <summary>Mounts again, after the server has ended.</summary>
    public void Mount()
    {
        _mount.Dispose();
        _mount = Start();
    }

    public void Dispose()
    {
        _mount.Dispose();
        _folder.Dispose();
    }

    RealMount Start() =>
        RealMount.Start("/usr/bin/env",
            [$"VT_CONFIG={_at}/home/vtrc", $"VT_STORE={_vt.Store}", VtCommand.Executable, "-q", "mount", Archive, Point, "-o", $"allow_other,{_options}"], Point);
}
