using System.Diagnostics;

namespace Vt.CrashTest;

/// <summary>An archive, its store and a mountpoint, and the commands that are run on them.</summary>
sealed class Playground
{
    readonly string _program;
    readonly string _folder;

    public Playground(string program, string folder, string mountPoint)
    {
        _program = program;
        _folder = folder;
        MountPoint = mountPoint;
        Archive = Path.Combine(folder, "a.vt");
        StateFolder = Archive + ".live";
    }

    public string MountPoint { get; }

    public string Archive { get; }

    public string StateFolder { get; }

    /// <summary>What stands behind <c>-o</c>.</summary>
    public string MountOptions { get; init; } = "commit=0.2";

    /// <summary>Begins with nothing.</summary>
    public void Begin()
    {
        foreach (var folder in (string[])[StateFolder, Path.Combine(_folder, "store")])
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }

        File.Delete(Archive);
        File.WriteAllText(Path.Combine(_folder, "vtrc"), "");
        Directory.CreateDirectory(MountPoint);
        Succeed("init");
    }

    public ProcessStartInfo Command(params string[] arguments)
    {
        var start = new ProcessStartInfo(_program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = "/" };
        start.Environment["HOME"] = _folder;
        start.Environment["VT_CONFIG"] = Path.Combine(_folder, "vtrc");
        start.Environment["VT_STORE"] = Path.Combine(_folder, "store");
        start.Environment.Remove("VT_FAULT");
        return start;
    }

    public void Succeed(params string[] arguments)
    {
        using var process = Process.Start(Command([.. arguments, "-q"]))!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEnd() + output.Result;
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new CrashFailure($"vt {string.Join(' ', arguments)} ended with {process.ExitCode}: {errors}");
    }

    /// <summary>Requires that nothing is damaged: no state of the archive, and nothing of the store.</summary>
    public void Verify()
    {
        Succeed("fsck", "--all", Archive);
        Succeed("datadir", "verify");
    }
}
