using System.Diagnostics;

namespace Vt.Benchmarks;

/// <summary>A file system that a command mounted in the foreground, taken down again on disposal.</summary>
sealed class Mounted : IDisposable
{
    readonly Process _server;

    /// <summary>Starts the command and waits until the mountpoint is a mount and its root answers.</summary>
    public Mounted(string command, string mountpoint)
    {
        Mountpoint = mountpoint;
        Directory.CreateDirectory(mountpoint);
        var clock = Stopwatch.StartNew();
        var start = new ProcessStartInfo("bash") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add("exec " + command);
        _server = Process.Start(start)!;
        _server.OutputDataReceived += (_, _) => { };
        _server.ErrorDataReceived += (_, line) => Errors += line.Data + "\n";
        _server.BeginOutputReadLine();
        _server.BeginErrorReadLine();
        using var changes = new ManualResetEventSlim();
        while (!File.ReadAllText("/proc/self/mountinfo").Contains($" {mountpoint} ", StringComparison.Ordinal))
        {
            if (_server.HasExited || clock.Elapsed > TimeSpan.FromSeconds(60))
                throw new InvalidOperationException($"{command}: not mounted: {Errors}");
            changes.Wait(1);
        }

        UntilMounted = clock.Elapsed;
    }

    public string Mountpoint { get; }

    public string Errors { get; private set; } = "";

    /// <summary>From starting the command to the mount being there.</summary>
    public TimeSpan UntilMounted { get; }

    /// <summary>The server's resident memory now and at its peak, in bytes; of the process that the shell became.</summary>
    public (long Now, long Peak) Memory()
    {
        var status = File.ReadAllLines($"/proc/{_server.Id}/status");
        return (Field("VmRSS:"), Field("VmHWM:"));

        long Field(string name) =>
            long.Parse(status.First(line => line.StartsWith(name, StringComparison.Ordinal)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1],
                System.Globalization.CultureInfo.InvariantCulture) << 10;
    }

    /// <summary>The processor time that the server has used.</summary>
    public TimeSpan ProcessorTime()
    {
        _server.Refresh();
        return _server.TotalProcessorTime;
    }

    /// <summary>Kills the server.</summary>
    public void Crash() => _server.Kill();

    /// <summary>Makes the kernel forget what it cached, ours and the disk's.</summary>
    public static void DropCaches() => Command.Run("sync; echo 3 > /proc/sys/vm/drop_caches");

    public void Dispose()
    {
        Command.Output($"umount '{Mountpoint}' 2>/dev/null || umount -l '{Mountpoint}' 2>/dev/null || true");
        if (!_server.WaitForExit(20_000))
            _server.Kill();
        _server.Dispose();
    }
}
