using System.Diagnostics;
using Vt.Posix;

namespace Vt.Tests.Support;

/// <summary>A child process that is killed, by its number and with no chance to tidy up, at a moment of the test's choosing.</summary>
public sealed class ProcessKiller : IDisposable
{
    readonly Process _process;

    ProcessKiller(Process process) => _process = process;

    /// <summary>The child's number.</summary>
    public int Id => _process.Id;

    /// <summary>Starts a child; what it prints can be read from <see cref="Output"/>.</summary>
    public static ProcessKiller Start(string file, params string[] arguments)
    {
        var start = new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        return new ProcessKiller(Process.Start(start) ?? throw new InvalidOperationException($"{file} does not start"));
    }

    /// <summary>What the child prints.</summary>
    public StreamReader Output => _process.StandardOutput;

    /// <summary>Kills the child once it has lived for some time, unless it has ended by itself.</summary>
    /// <returns>Whether it was killed.</returns>
    public async Task<bool> KillAfterAsync(TimeSpan time)
    {
        using var patience = new CancellationTokenSource(time);
        try
        {
            await _process.WaitForExitAsync(patience.Token);
            return false;
        }
        catch (OperationCanceledException)
        {
            return await KillAsync();
        }
    }

    /// <summary>Kills the child now.</summary>
    /// <returns>Whether there was one to kill.</returns>
    public async Task<bool> KillAsync()
    {
        var killed = !_process.HasExited && ProcessControl.TryKill(_process.Id, ProcessControl.SIGKILL) == Errno.OK;
        await _process.WaitForExitAsync();
        return killed;
    }

    /// <summary>Waits until the child ends by itself.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> WaitAsync()
    {
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _ = ProcessControl.TryKill(_process.Id, ProcessControl.SIGKILL);
        _process.Dispose();
    }
}
