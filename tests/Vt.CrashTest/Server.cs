using System.Diagnostics;
using System.Text;
using Vt.Posix;
using Vt.Posix.Mounts;

namespace Vt.CrashTest;

/// <summary>A mount's server in a process of its own.</summary>
sealed class Server : IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly Process _process;
    readonly StringBuilder _said = new(); // guarded by itself
    readonly string _mountPoint;

    Server(Process process, string mountPoint)
    {
        _process = process;
        _mountPoint = mountPoint;
        process.ErrorDataReceived += (_, line) =>
        {
            lock (_said)
                _said.AppendLine(line.Data);
        };
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
    }

    public string Said
    {
        get
        {
            lock (_said)
                return _said.ToString().Trim();
        }
    }

    public bool HasEnded => _process.HasExited;

    /// <summary>Starts it and waits until the mount is up or the process has ended.</summary>
    public static Server Start(Playground ground, string? fault = null)
    {
        var start = ground.Command("mount", ground.Archive, ground.MountPoint, "-o", ground.MountOptions);
        if (fault is not null)
            start.Environment["VT_FAULT"] = fault;
        var server = new Server(Process.Start(start)!, ground.MountPoint);
        using var table = PosixFile.Open("/proc/self/mountinfo", OpenFlags.O_RDONLY);
        var clock = Stopwatch.StartNew();
        while (!server.HasEnded && MountTable.FindTop(ground.MountPoint) is null)
        {
            if (clock.Elapsed > Patience)
                throw new CrashFailure($"nothing is mounted after {Patience}: {server.Said}");
            server._process.WaitForExit(20);
        }

        return server;
    }

    /// <summary>Ends it at once, and takes the dead mount away.</summary>
    public void Kill()
    {
        _ = ProcessControl.TryKill(_process.Id, ProcessControl.SIGKILL);
        _process.WaitForExit();
        Unmount();
    }

    /// <summary>Ends it in order.</summary>
    /// <returns>Its exit code.</returns>
    public int Stop()
    {
        _ = ProcessControl.TryKill(_process.Id, ProcessControl.SIGTERM);
        if (!_process.WaitForExit(Patience))
        {
            Kill();
            throw new CrashFailure($"the server goes on after SIGTERM: {Said}");
        }

        Unmount();
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            Kill();
        Unmount();
        _process.Dispose();
    }

    void Unmount()
    {
        while (MountTable.FindTop(_mountPoint) is not null && MountCalls.TryUnmount(_mountPoint, UnmountFlags.MNT_DETACH) == Errno.OK)
        {
        }
    }
}
