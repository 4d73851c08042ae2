using System.Diagnostics;
using System.Globalization;
using System.Text;
using Vt.Posix;
using Vt.Posix.Mounts;
using Vt.Posix.Sockets;

namespace Vt.Tests.Support;

/// <summary>
/// A server that mounts in a process of its own, and its mountpoint. Disposal leaves neither behind, whatever the test did.
/// </summary>
sealed class RealMount : IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    readonly StringBuilder _errors = new(); // guarded by itself
    readonly Process _process;

    RealMount(string mountPoint, ProcessStartInfo start)
    {
        MountPoint = mountPoint;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        _process = System.Diagnostics.Process.Start(start)!;
        _process.ErrorDataReceived += (_, line) =>
        {
            lock (_errors)
                _errors.AppendLine(line.Data);
        };
        _process.BeginErrorReadLine();
    }

    /// <summary>Where it is mounted.</summary>
    public string MountPoint { get; }

    /// <summary>The server.</summary>
    public Process Process => _process;

    /// <summary>What the server wrote to standard error.</summary>
    public string Errors
    {
        get
        {
            lock (_errors)
                return _errors.ToString();
        }
    }

    /// <summary>The line of the mount table; null when nothing is mounted.</summary>
    public MountEntry? Entry => MountTable.FindTop(MountPoint);

    /// <summary>Starts a server and waits until its mount is in the mount table.</summary>
    /// <param name="program">The server.</param>
    /// <param name="arguments">Its arguments, the mountpoint among them.</param>
    /// <param name="mountPoint">The mountpoint, which must be there and without symbolic links.</param>
    public static RealMount Start(string program, IEnumerable<string> arguments, string mountPoint)
    {
        var mount = new RealMount(mountPoint, new ProcessStartInfo(program, arguments));
        try
        {
            Await(() => mount.Entry is not null || mount._process.HasExited);
            Assert.False(mount._process.HasExited, $"the server ended: {mount.Errors}");
            return mount;
        }
        catch
        {
            mount.Dispose();
            throw;
        }
    }

    /// <summary>A line that the server writes to standard output.</summary>
    public string? ReadLine()
    {
        var line = _process.StandardOutput.ReadLineAsync();
        Assert.True(line.Wait(Patience), "the server said nothing");
        return line.Result;
    }

    /// <summary>Sends a signal.</summary>
    /// <param name="signal">By its name, for example TERM.</param>
    /// <param name="process">To whom; the server if null.</param>
    public void Signal(string signal, Process? process = null)
    {
        var id = (process ?? _process).Id.ToString(CultureInfo.InvariantCulture);
        Assert.Equal(0, Run("kill", "-" + signal, id).ExitCode);
    }

    /// <summary>Waits for the server's end.</summary>
    /// <returns>Its exit code.</returns>
    public int AwaitExit()
    {
        Assert.True(_process.WaitForExit(Patience), "the server goes on");

        // Without a limit of time it also waits for the last of what the server has said.
        _process.WaitForExit();
        return _process.ExitCode;
    }

    /// <summary>Waits until the mount is gone from the mount table.</summary>
    public void AwaitUnmount() => Await(() => Entry is null);

    /// <summary>Ends the server by SIGTERM and makes sure that it ends well and leaves no mount.</summary>
    public void Stop()
    {
        Signal("TERM");
        Assert.True(AwaitExit() == 0, $"the server failed: {Errors}");
        Assert.Null(Entry);
    }

    /// <summary>Runs a program to its end.</summary>
    public static (int ExitCode, string Output, string Errors) Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.Latin1,
        };
        using var process = System.Diagnostics.Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        Assert.True(process.WaitForExit(Patience), $"{program} goes on");
        return (process.ExitCode, output, errors.Result);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        while (Entry is not null && MountCalls.TryUnmount(MountPoint, UnmountFlags.MNT_DETACH) == Errno.OK)
        {
        }

        _process.Dispose();
    }

    /// <summary>Waits until the mount table shows what is awaited; the kernel says when it changes.</summary>
    static void Await(Func<bool> condition)
    {
        using var table = PosixFile.Open("/proc/self/mountinfo", OpenFlags.O_RDONLY);
        var clock = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(clock.Elapsed < Patience, "the mount table didn't come to show it");
            Polling.Wait(table, PollEvents.POLLPRI, TimeSpan.FromMilliseconds(100));
        }
    }
}
