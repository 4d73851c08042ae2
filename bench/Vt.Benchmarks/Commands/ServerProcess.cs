using System.Diagnostics;

namespace Vt.Benchmarks.Commands;

/// <summary>A server in the foreground. Disposal asks it to end, with those that it has started, and waits.</summary>
sealed class ServerProcess : IDisposable
{
    static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    readonly Process _process;

    /// <summary>Starts it.</summary>
    /// <param name="command">A command of the shell, which the server takes the place of.</param>
    public ServerProcess(string command)
    {
        var start = new ProcessStartInfo("bash") { RedirectStandardError = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add("exec " + command);
        _process = Process.Start(start)!;
    }

    /// <summary>The first line that it says.</summary>
    /// <exception cref="InvalidOperationException">It has ended without one.</exception>
    public string ReadLine()
    {
        var line = _process.StandardError.ReadLine() ?? throw new InvalidOperationException("the server has ended");
        _ = _process.StandardError.ReadToEndAsync();
        return line;
    }

    /// <summary>Its resident memory, in bytes.</summary>
    public long Memory()
    {
        _process.Refresh();
        return _process.WorkingSet64;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Command.Output($"kill {_process.Id}");
        if (!_process.WaitForExit(_patience))
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }
}
